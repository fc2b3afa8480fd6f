package authority

import "fmt"

// RoleName is what Element calls a level.
func RoleName(level int64) string {
	switch level {
	case 0:
		return "Default"
	case 50:
		return "Moderator"
	case 100:
		return "Admin"
	case Owner:
		return "Owner"
	}
	return "Custom"
}

// RoleLabel is the role's name with its number, as a person finds it in Element: "Moderator (50)". Owners have no number.
func RoleLabel(level int64) string {
	if level == Owner {
		return RoleName(level)
	}
	return fmt.Sprintf("%s (%d)", RoleName(level), level)
}
