# Hides what depends on the processor or the clock: every number from the "train" block of a report on, and the line
# breaks there, since they follow the widths of numbers. Of the table of thresholds the titles stay.
/^train /,$ {
	:more
	/\nwrote/! {
		$! {
			N
			b more
		}
	}
	s/\n  */ /g
	s/ threshold  *alarms[^]]*precision\(\*\{0,1\}\) [^A-Za-z]*figures/ TABLE\1 figures/
	s/[0-9][0-9.,]*[0-9]/N/g
	s/[0-9]/N/g
	s/-N/N/g
	s/N min N s/N s/g
}
