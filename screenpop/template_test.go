package screenpop_test

import (
	"testing"

	"sipid/screenpop"
)

func TestTemplate(t *testing.T) {
	tmpl, err := screenpop.ParseTemplate("https://crm.example/c/{client}?s={serial}&id={call_id}#{agent}", []string{"crm.example"})
	if err != nil {
		t.Fatal(err)
	}
	for client, want := range map[string]string{
		"杭 州&?#/": "https://crm.example/c/%E6%9D%AD%20%E5%B7%9E%26%3F%23%2F?s=00000042&id=a%26b%40c#8001",
		"..":      "", // would climb up the path
	} {
		run(t, func(o *screenpop.Options) { o.Template = tmpl }, func(r *rig) {
			s := r.stream("8001")
			r.event(screenpop.Event{Kind: screenpop.EventIdentified, CallID: "a&b@c", Call: &screenpop.Call{
				Resolved: true, Status: "resolved", AccessID: "1001", Client: client, Serial: "00000042"}})
			r.says(screenpop.EventRinging, "a&b@c", "8001")
			if got := s.pops()[0].URL; got != want {
				r.Errorf("%q: URL %q, want %q", client, got, want)
			}
		})
	}
}

func TestParseTemplateErrors(t *testing.T) {
	for _, s := range []string{
		"", "http://crm.example/", "https://other.example/", "https://crm.example:8443/", "https://u:p@crm.example/", "https://{client}/",
		"https://crm.example{client}/", "https://crm.example/{data}", "https://crm.example/{serial", "https://crm.example/serial}",
		"javascript:alert({serial})", "https://crm.example\\@evil.example/{serial}", "https://crm.example/ {serial}", "//crm.example/",
	} {
		if _, err := screenpop.ParseTemplate(s, []string{"crm.example"}); err == nil {
			t.Errorf("%q passes", s)
		}
	}
}
