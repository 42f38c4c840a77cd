// Command compare runs sipid, Kamailio and the floor in turn with bench/run.sh and
// prints one table of what they cost, with ratios to Kamailio. scripts/bench
// starts it.
package main
