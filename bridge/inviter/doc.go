package inviter
