// Package typed reads what people type: command lines with the quotes of all keyboards, rooms in every form, products, questions and options by number
// or by name, yes and no. Every function is pure: it is given what there is to choose from and touches nothing.
//
//	words      a message as a command and its words
//	arguments  the words that several commands take alike
//	room       a room as somebody writes it
//	choice     what can be named by number or by name; product and question are read by it
//	answer     what is an answer to a question of ours, and what is other talk
package typed
