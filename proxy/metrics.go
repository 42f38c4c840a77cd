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
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "sipid", Name: name, Help: help})
	}
	vector := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "sipid", Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "sipid", Name: name, Help: help, Buckets: buckets})
	}
	calls := vector("calls_total", "Calls by identification status and outcome.", "status", "outcome")
	dropped := vector("dropped_total", "Messages dropped without an answer, by reason.", "reason")
	requests := vector("requests_total", "Requests received, by method.", "method")
	isup := vector("isup_added_total", "ISUP messages added for a trunk, by message.", "message")
	m := &metrics{
		dropped:          make(map[string]prometheus.Counter),
		refusals:         vector("refusals_total", "Requests answered by sipid itself with a refusal, by status.", "status"),
		retransmitted:    counter("retransmissions_total", "Requests sent again because no answer came."),
		failovers:        counter("failovers_total", "INVITEs sent to a further target because the one before failed."),
		secondAnswers:    counter("second_answers_total", "Answers of a further target that were ended with BYE."),
		timedOut:         counter("timeouts_total", "Requests that no target answered in time."),
		lateResponses:    counter("late_responses_total", "Responses forwarded after their transaction had ended."),
		recoveredCancels: counter("recovered_cancels_total", "CANCELs for calls that an earlier process began."),

		recoveredCalls: counter("recovered_calls_total", "Final answers forwarded to calls that an earlier process began."),
		decision:       histogram("decision_seconds", "Time from a call's INVITE being read to the choice of its PBX.", decisionBuckets()),
		postDial:       histogram("post_dial_delay_seconds", "Time from a call's INVITE reaching us to the first 18x or 2xx going up.", postDialBuckets()),

		calledDiffers: counter("called_mismatches_total", "INVITEs whose ISUP called number is not that of the Request-URI."),

		sendErrors: counter("send_errors_total", "Datagrams the kernel did not take."),
		overloads:  counter("overloads_total", "Times that overload began: new calls waited too long to be taken."),
		panics:     counter("faults_total", "Faults survived while handling a message."),
	}
	m.refused503 = m.refusals.WithLabelValues(strconv.Itoa(errOverload.status))
	for o, outcome := range outcomes {
		for _, status := range router.Statuses() {
			m.calls[o] = append(m.calls[o], calls.WithLabelValues(status.String(), outcome))
		}
	}
	limited := vector("limited_total", "Calls refused because they were over a limit, by limit.", "limit")
	for l := range limitCount {
		m.limited[l] = limited.WithLabelValues(l.String())
	}
	for _, reason := range dropReasons {
		m.dropped[reason] = dropped.WithLabelValues(reason)
	}
	for method := sipmsg.MethodUnknown; method <= sipmsg.MethodInfo; method++ {
		m.requests = append(m.requests, requests.WithLabelValues(method.String()))
	}
	for _, t := range isupMessages {
		m.isup[t] = isup.WithLabelValues(t.String())
	}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "sipid", Name: "transactions", Help: "Transactions held, finished ones included until their timers end.",
	}, func() float64 { return float64(p.table.size()) })
	connections := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "sipid", Name: "connections", Help: "TCP and TLS connections.",
	}, func() float64 { return float64(p.transport.Connections()) })
	overload := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "sipid", Name: "overload", Help: "1 while new calls are refused that would wait too long, else 0.",
	}, func() float64 { return flag(p.overload.active()) })
	admitted := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "sipid", Name: "overload_admitted", Help: "Share of the INVITEs by UDP that the kernel lets in, 0 to 1; the rest it drops.",
	}, p.overload.admitted)
	for _, c := range []prometheus.Collector{
		overload, admitted, m.overloads, limited, m.recoveredCalls, m.decision, m.postDial, connections, isup,
		calls, dropped, requests, m.refusals, m.retransmitted, m.failovers, m.secondAnswers, m.timedOut, m.lateResponses, m.sendErrors, m.recoveredCancels, m.calledDiffers, m.panics, open,
	} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, reg.Register(newTargetCollector(p.groups))
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
