// Package literal searches text for all occurrences of thousands of short literals at once.
package literal
