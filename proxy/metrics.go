package proxy

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"sipid/isupbody"
	"sipid/router"
	"sipid/sipmsg"
)

// Why a message was dropped.
const (
	dropUnknownSource = "unknown_source"
	dropMalformed     = "malformed"
	dropStrayResponse = "stray_response"
	dropStrayAck      = "stray_ack"
	dropReadError     = "read_error"
	dropConnections   = "too_many_connections"
	dropHandshake     = "tls_handshake"
	dropOverload      = "overload"
)

var dropReasons = [...]string{dropUnknownSource, dropMalformed, dropStrayResponse, dropStrayAck, dropReadError, dropConnections, dropHandshake, dropOverload}

// What is added for trunks.
var isupMessages = [...]isupbody.MessageType{
	isupbody.MessageACM, isupbody.MessageCPG, isupbody.MessageANM, isupbody.MessageCON, isupbody.MessageREL, isupbody.MessageRLC,
}

// How a call ended.
var outcomes = [...]string{"answered", "busy", "no_answer", "cancelled", "redirected", "refused", "failed", "rejected"}

// metrics are the proxy's counters. Those of the hot path are looked up once.
type metrics struct {
	calls            [len(outcomes)][]prometheus.Counter // by outcome and identification status
	dropped          map[string]prometheus.Counter
	requests         []prometheus.Counter // by method
	refusals         *prometheus.CounterVec
	refused503       prometheus.Counter // of refusals
	retransmitted    prometheus.Counter
	failovers        prometheus.Counter
	secondAnswers    prometheus.Counter
	timedOut         prometheus.Counter
	lateResponses    prometheus.Counter
	sendErrors       prometheus.Counter
	calledDiffers    prometheus.Counter
	recoveredCancels prometheus.Counter
	recoveredCalls   prometheus.Counter
	decision         prometheus.Histogram
	postDial         prometheus.Histogram
	panics           prometheus.Counter
	overloads        prometheus.Counter
	isup             [256]prometheus.Counter // by message type
	limited          [limitCount]prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, p *Proxy) (*metrics, error) {
	r := &registrar{to: reg}
	m := &metrics{
		refusals:         r.vector("refusals_total", "Requests answered by sipid itself with a refusal, by status.", "status"),
		retransmitted:    r.counter("retransmissions_total", "Requests sent again because no answer came."),
		failovers:        r.counter("failovers_total", "INVITEs sent to a further target because the one before failed."),
		secondAnswers:    r.counter("second_answers_total", "Answers of a further target that were ended with BYE."),
		timedOut:         r.counter("timeouts_total", "Requests that no target answered in time."),
		lateResponses:    r.counter("late_responses_total", "Responses forwarded after their transaction had ended."),
		recoveredCancels: r.counter("recovered_cancels_total", "CANCELs for calls that an earlier process began."),
		recoveredCalls:   r.counter("recovered_calls_total", "Final answers forwarded to calls that an earlier process began."),
		decision:         r.histogram("decision_seconds", "Time from a call's INVITE being read to the choice of its PBX.", decisionBuckets()),
		postDial:         r.histogram("post_dial_delay_seconds", "Time from a call's INVITE reaching us to the first 18x or 2xx going up.", postDialBuckets()),
		calledDiffers:    r.counter("called_mismatches_total", "INVITEs whose ISUP called number is not that of the Request-URI."),
		sendErrors:       r.counter("send_errors_total", "Datagrams the kernel did not take."),
		overloads:        r.counter("overloads_total", "Times that overload began: new calls waited too long to be taken."),
		panics:           r.counter("faults_total", "Faults survived while handling a message."),
	}
	m.refused503 = m.refusals.WithLabelValues(strconv.Itoa(errOverload.status))
	m.lookUp(r)
	r.gauge("transactions", "Transactions held, finished ones included until their timers end.", func() float64 { return float64(p.table.size()) })
	r.gauge("connections", "TCP and TLS connections.", func() float64 { return float64(p.transport.Connections()) })
	r.gauge("overload", "1 while new calls are refused that would wait too long, else 0.", func() float64 { return flag(p.overload.active()) })
	r.gauge("overload_admitted", "Share of the INVITEs by UDP that the kernel lets in, 0 to 1; the rest it drops.", p.overload.admitted)
	r.register(newTargetCollector(p.groups))
	return m, r.err
}

// lookUp finds the counters of the hot path, by each of their labels.
func (m *metrics) lookUp(r *registrar) {
	calls := r.vector("calls_total", "Calls by identification status and outcome.", "status", "outcome")
	for o, outcome := range outcomes {
		for _, status := range router.Statuses() {
			m.calls[o] = append(m.calls[o], calls.WithLabelValues(status.String(), outcome))
		}
	}
	limited := r.vector("limited_total", "Calls refused because they were over a limit, by limit.", "limit")
	for l := range limitCount {
		m.limited[l] = limited.WithLabelValues(l.String())
	}
	dropped := r.vector("dropped_total", "Messages dropped without an answer, by reason.", "reason")
	m.dropped = make(map[string]prometheus.Counter)
	for _, reason := range dropReasons {
		m.dropped[reason] = dropped.WithLabelValues(reason)
	}
	requests := r.vector("requests_total", "Requests received, by method.", "method")
	for method := sipmsg.MethodUnknown; method <= sipmsg.MethodInfo; method++ {
		m.requests = append(m.requests, requests.WithLabelValues(method.String()))
	}
	isup := r.vector("isup_added_total", "ISUP messages added for a trunk, by message.", "message")
	for _, t := range isupMessages {
		m.isup[t] = isup.WithLabelValues(t.String())
	}
}

// flag is a truth as a metric.
func flag(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// isupAdded counts a message that was added.
func (m *metrics) isupAdded(octets []byte) { m.isup[octets[0]].Inc() }

func (m *metrics) drop(reason string) { m.dropped[reason].Inc() }

func (m *metrics) request(method sipmsg.Method) { m.requests[method].Inc() }

func (m *metrics) refused(status int) {
	if status == errOverload.status {
		m.refused503.Inc() // there is no time to look for it
		return
	}
	m.refusals.WithLabelValues(strconv.Itoa(status)).Inc()
}

// rejected counts a call that the trunk's policy refused.
func (m *metrics) rejected(s router.Status) { m.calls[len(outcomes)-1][s].Inc() }

// ended counts a call at its final response.
func (m *metrics) ended(tx *transaction) {
	if tx.counted {
		m.calls[outcomeOf(int(tx.status))][tx.identified].Inc()
	}
}

// outcomeOf sorts a final status into outcomes.
func outcomeOf(status int) int {
	switch {
	case status < 300:
		return 0
	case status == 486 || status == 600:
		return 1
	case status == 408 || status == 480:
		return 2
	case status == 487:
		return 3
	case status < 400:
		return 4
	case status >= 500 && status < 600:
		return 6
	default:
		return 5
	}
}
