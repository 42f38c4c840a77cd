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
