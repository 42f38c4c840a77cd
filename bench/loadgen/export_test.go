package main

// For the tests, which are in package main_test.
var (
	Run         = run
	ReadClients = readClients
	AppendIAM   = appendIAM
)

// Row is what a client row was read as.
func (c client) Row() (accessID, name, endpoint string, serialDigits int) {
	return c.accessID, c.name, c.endpoint, c.serialDigits
}

// CPUSeconds is the processor time of a process as the figures have it.
func CPUSeconds(pid int) float64 { return processes{pid}.usage().sched }
