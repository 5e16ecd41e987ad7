package main

import (
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed record.html
var recordText string

var recordPage = template.Must(template.New("record").Funcs(template.FuncMap{
	"day": func(text string) string {
		if len(text) > 10 {
			text = text[:10]
		}
		day, err := time.Parse("2006-01-02", text)
		if err != nil {
			return text
		}
		return day.Format("2 Jan 2006")
	},
	"join": strings.Join,
}).Parse(recordText))

func (c *chart) sort() {
	open := func(status string) int {
		if status == "active" || status == "recurrence" || status == "relapse" || status == "" {
			return 1
		}
		return 0
	}
	sort.Slice(c.Conditions, func(a, b int) bool {
		x, y := c.Conditions[a], c.Conditions[b]
		return open(x.ClinicalStatus) > open(y.ClinicalStatus) || open(x.ClinicalStatus) == open(y.ClinicalStatus) && x.Onset > y.Onset
	})
	sort.Slice(c.Allergies, func(a, b int) bool { return c.Allergies[a].Substance < c.Allergies[b].Substance })
	sort.Slice(c.Medications, func(a, b int) bool {
		x, y := c.Medications[a], c.Medications[b]
		return x.Status == "active" && y.Status != "active" || (x.Status == "active") == (y.Status == "active") && x.AuthoredOn > y.AuthoredOn
	})
	sort.Slice(c.Immunizations, func(a, b int) bool { return c.Immunizations[a].Date > c.Immunizations[b].Date })
	sort.Slice(c.Results, func(a, b int) bool { return c.Results[a].Effective > c.Results[b].Effective })
	sort.Slice(c.Encounters, func(a, b int) bool { return c.Encounters[a].Start > c.Encounters[b].Start })
}

type person struct {
	patient, token string
	until          time.Time
}

type gateway struct {
	bus    *bus
	signer *signer
	forms  []byte
	lock   sync.Mutex
	known  map[[32]byte]person
	own    string
	ownTil time.Time
}

func runGateway() {
	g := &gateway{bus: newBus(), signer: newSigner("portal"), forms: []byte(os.Getenv("BENCH_FORMS_KEY")), known: map[[32]byte]person{}}
	http.HandleFunc("/visits/book/hold", g.signedIn(g.hold))
	http.HandleFunc("/visits/", g.signedIn(g.book))
	http.HandleFunc("/record", g.signedIn(g.record))
	fmt.Println("ready")
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("BENCH_GATEWAY_PORT"), nil))
}

func (g *gateway) anonymous() string {
	g.lock.Lock()
	defer g.lock.Unlock()
	if time.Now().After(g.ownTil) {
		g.own = g.signer.sign(actor{Issuer: "portal", Role: "anonymous", Patients: []string{}, Purpose: "operations"}, 300*time.Second)
		g.ownTil = time.Now().Add(240 * time.Second)
	}
	return g.own
}

func (g *gateway) formKey(cookie string) string {
	mac := hmac.New(sha256.New, g.forms)
	mac.Write([]byte("form\x00" + cookie))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (g *gateway) signedIn(page func(http.ResponseWriter, *http.Request, person, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Cache-Control", "no-store")
		cookie, err := r.Cookie("__Host-portal")
		if err != nil {
			g.see(w, "/sign-in")
			return
		}
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
			if r.Header.Get("Sec-Fetch-Site") != "same-origin" || r.ParseForm() != nil ||
				!hmac.Equal([]byte(g.formKey(cookie.Value)), []byte(r.PostForm.Get("form-key"))) {
				w.WriteHeader(http.StatusForbidden)
				return
			}
		}
		name := sha256.Sum256([]byte(cookie.Value))
		g.lock.Lock()
		who, ok := g.known[name]
		g.lock.Unlock()
		if !ok || time.Now().After(who.until) {
			var reply struct {
				Session *struct {
					Patients   []string
					ActorToken string
				}
			}
			asked := map[string]string{"audience": "portal", "handle": cookie.Value}
			if err := g.bus.request("identity.read-session.v1", asked, g.anonymous(), &reply); err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			if reply.Session == nil {
				g.see(w, "/sign-in")
				return
			}
			who = person{reply.Session.Patients[0], reply.Session.ActorToken, time.Now().Add(5 * time.Second)}
			g.lock.Lock()
			if len(g.known) >= 10_000 {
				g.known = map[[32]byte]person{}
			}
			g.known[name] = who
			g.lock.Unlock()
		}
		page(w, r, who, cookie.Value)
	}
}

func (g *gateway) see(w http.ResponseWriter, path string) {
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
}

// The command a form asks for; nil when it names no time.
func (who person) wants(r *http.Request, appointment string) *wanted {
	slot := strings.Split(r.PostForm.Get("slot"), "|")
	if len(slot) != 4 {
		return nil
	}
	seconds, err := strconv.ParseInt(slot[3], 10, 64)
	if err != nil {
		return nil
	}
	return &wanted{
		Appointment: appointment, Patient: who.patient, Practitioner: slot[0], Location: slot[1], Service: slot[2], Start: seconds * 1000}
}

func (g *gateway) hold(w http.ResponseWriter, r *http.Request, who person, _ string) {
	appointment := r.PostForm.Get("submission")
	command := who.wants(r, appointment)
	if command == nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	var held json.RawMessage
	g.ended(w, g.bus.request("scheduling.hold-appointment.v1", command, who.token, &held), "/visits/"+url.PathEscape(appointment))
}

func (g *gateway) book(w http.ResponseWriter, r *http.Request, who person, _ string) {
	appointment := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/visits/"), "/book")
	command := who.wants(r, appointment)
	if command == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	command.Key = r.PostForm.Get("submission")
	var booked json.RawMessage
	g.ended(w, g.bus.request("scheduling.book-appointment.v1", command, who.token, &booked), "/visits/"+url.PathEscape(appointment)+"?new=1")
}

func (g *gateway) ended(w http.ResponseWriter, err error, path string) {
	switch err {
	case nil:
		g.see(w, path)
	case errRefused:
		w.WriteHeader(http.StatusConflict)
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (g *gateway) record(w http.ResponseWriter, r *http.Request, who person, cookie string) {
	var view chart
	if err := g.bus.request("records.read-chart.v1", map[string]string{"patient": who.patient}, who.token, &view); err != nil {
		g.ended(w, err, "")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	var page strings.Builder
	if err := recordPage.Execute(&page, map[string]any{"Chart": &view, "Key": g.formKey(cookie)}); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Write([]byte(page.String()))
}
