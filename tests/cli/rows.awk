# Prints a small simulated CSV for the tests: awk -v n=400 -v seed=1 -f rows.awk. A Lehmer generator, since awk's own
# random numbers differ between awks. About one row in eight is positive, with a higher amount and mostly from the web.
function uniform()
{
	state = (state * 16807) % 2147483647
	return state / 2147483647
}

BEGIN {
	if (!n) n = 400
	state = seed ? seed + 1000 : 1001
	split("web shop phone", kinds, " ")
	print "order_id,amount,age,kind,day,label"
	for (i = 1; i <= n; i++) {
		label = uniform() < 0.125
		amount = 100 * uniform() + 40 * label
		missing = uniform() < 0.05
		age = 18 + int(60 * uniform())
		kind = label && uniform() < 0.6 ? "web" : kinds[1 + int(3 * uniform())]
		text = missing ? "" : sprintf("%.2f", amount)
		printf "A%05d,%s,%d,%s,2024-%02d-%02d,%s\n", i, text, age, kind, 1 + int((i - 1) / 28) % 12, 1 + (i - 1) % 28, label ? "yes" : "no"
	}
}
