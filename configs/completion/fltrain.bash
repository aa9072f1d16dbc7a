# Completion of fltrain for bash: the program says what may come next.
_fltrain()
{
	local program=${COMP_WORDS[0]/#\~/$HOME} words=() line joined='' i
	# --name=value is three words to bash, of which only the last is replaced.
	for ((i = 1; i <= COMP_CWORD; i++)); do
		if [ "${COMP_WORDS[i]}" = = ] && [ ${#words[@]} -gt 0 ]; then
			words[-1]+="="
			joined=yes
		elif [ -n "$joined" ]; then
			words[-1]+="${COMP_WORDS[i]}"
			joined=''
		else
			words+=("${COMP_WORDS[i]}")
		fi
	done
	local current=${words[-1]} strip=
	case $current in --*=*) strip=${current%%=*}= ;; esac
	COMPREPLY=()
	while IFS= read -r line; do
		if [ "$line" = :files ]; then
			compopt -o filenames
			while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${current#"$strip"}")
		else
			COMPREPLY+=("$(printf %q "${line#"$strip"}")")
		fi
	done < <("$program" --complete "${words[@]}" 2>/dev/null)
	case ${COMPREPLY[0]-} in *[=:]) compopt -o nospace ;; esac
}
complete -F _fltrain fltrain
