# For cases that show many short runs: prints the command, what it wrote (stderr behind "2> ") and its exit code.
try()
{
	echo "\$ fltrain $*"
	"$FLTRAIN" "$@" >try.out 2>try.err
	try_status=$?
	cat try.out
	sed 's/^/2> /' try.err
	echo "exit $try_status"
	rm try.out try.err
}
