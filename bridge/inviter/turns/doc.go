// Package turns says who goes next where more want something than can have it at once, and sees to it that what one has in hand no
// other takes up.
//
//   - [Places] are few: fresh orders get the next one ahead of batches, and within each of the two it is first come, first served.
//     [Each] has some for each key, [Rooms] for Matrix rooms, and in a [Lane] nobody waits where nothing moves.
//   - Those who ask for the same at the same time share the answer of one of them: [Flights].
//   - What is in hand bears a mark: [Marks].
//   - While what they all need is away, everybody waits at one [Gate].
//
// Whoever stops waiting loses nobody's place, and all of it is safe for many at once. It is in memory only, and knows nothing of what
// is waited for.
package turns
