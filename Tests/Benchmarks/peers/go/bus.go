package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/crypto/hkdf"
)

const (
	replyTo = "amq.rabbitmq.reply-to"
	vhost   = "go"
	user    = "bench"
	nobody  = "00000000-0000-0000-0000-000000000000"
)

var home = os.Getenv("BENCH_HOME")

func secret(path string) string {
	content, err := os.ReadFile(filepath.Join(home, path))
	if err != nil {
		log.Fatal(err)
	}
	return strings.TrimSpace(strings.SplitN(string(content), "\n", 2)[0])
}

func secretBytes(path string) []byte { return unhex(secret(path)) }

func unhex(text string) []byte {
	content, err := hex.DecodeString(text)
	if err != nil {
		log.Fatal(err)
	}
	return content
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		log.Fatal(err)
	}
	sealing, err := cipher.NewGCM(block)
	if err != nil {
		log.Fatal(err)
	}
	return sealing
}

func random(count int) []byte {
	content := make([]byte, count)
	if _, err := rand.Read(content); err != nil {
		log.Fatal(err)
	}
	return content
}

func uuid7() string {
	content := random(16)
	milliseconds := uint64(time.Now().UnixMilli())
	binary.BigEndian.PutUint32(content, uint32(milliseconds>>16))
	binary.BigEndian.PutUint16(content[4:], uint16(milliseconds))
	content[6] = content[6]&0x0f | 0x70
	content[8] = content[8]&0x3f | 0x80
	text := hex.EncodeToString(content)
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

func traceparent() string {
	return "00-" + hex.EncodeToString(random(16)) + "-" + hex.EncodeToString(random(8)) + "-01"
}

// What travels over the broker: `[key id][nonce 12][ciphertext][tag 16]`, the context bound to it.
type busCipher struct {
	current byte
	keys    map[byte]cipher.AEAD
}

func newBusCipher() *busCipher {
	content, err := os.ReadFile(filepath.Join(home, "secrets/bus-keys"))
	if err != nil {
		log.Fatal(err)
	}
	found := &busCipher{keys: map[byte]cipher.AEAD{}}
	for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		parts := strings.Fields(line)
		number, _ := strconv.Atoi(parts[0])
		found.keys[byte(number)] = gcm(unhex(parts[1]))
		if found.current == 0 {
			found.current = byte(number)
		}
	}
	return found
}

func (c *busCipher) seal(content []byte, context string) []byte {
	sealed := make([]byte, 13, 29+len(content))
	sealed[0] = c.current
	copy(sealed[1:], random(12))
	return c.keys[c.current].Seal(sealed, sealed[1:13], content, []byte(context))
}

func (c *busCipher) open(sealed []byte, context string) ([]byte, error) {
	if len(sealed) < 29 || c.keys[sealed[0]] == nil {
		return nil, errors.New("not sealed for this bus")
	}
	return c.keys[sealed[0]].Open(nil, sealed[1:13], sealed[13:], []byte(context))
}

// Who asks, as identity's or a service's signature says.
type actor struct {
	Issuer   string   `json:"issuer"`
	Role     string   `json:"role"`
	Account  string   `json:"account,omitempty"`
	Session  string   `json:"session,omitempty"`
	Patients []string `json:"patients"`
	Purpose  string   `json:"purpose"`
}

func (a *actor) owns(patient string) bool {
	for _, one := range a.Patients {
		if a.Role == "patient" && one == patient {
			return true
		}
	}
	return false
}

type claims struct {
	Issuer   string  `json:"iss"`
	Issued   float64 `json:"iat"`
	Expires  float64 `json:"exp"`
	Audience string  `json:"aud"`
	Actor    actor   `json:"act"`
}

// Of every token services take from each other.
const audience = "chartline-services"

type signer struct {
	issuer, head string
	key          ed25519.PrivateKey
}

func newSigner(issuer string) *signer {
	head, _ := json.Marshal(map[string]string{"alg": "EdDSA", "typ": "JWT", "kid": issuer})
	return &signer{issuer, base64.RawURLEncoding.EncodeToString(head), ed25519.NewKeyFromSeed(secretBytes("secrets/actor-" + issuer + ".key"))}
}

func (s *signer) sign(who actor, lifetime time.Duration) string {
	now := time.Now().Unix()
	body, _ := json.Marshal(claims{s.issuer, float64(now), float64(now) + lifetime.Seconds(), audience, who})
	text := s.head + "." + base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.key, []byte(text)))
}

// Remembers what it has verified until it expires.
type verifier struct {
	keys map[string]ed25519.PublicKey
	lock sync.Mutex
	seen map[string]claims
}

func newVerifier() *verifier {
	found := &verifier{keys: map[string]ed25519.PublicKey{}, seen: map[string]claims{}}
	names, _ := filepath.Glob(filepath.Join(home, "keys/actors/*.pub"))
	for _, name := range names {
		found.keys[strings.TrimSuffix(filepath.Base(name), ".pub")] = secretBytes("keys/actors/" + filepath.Base(name))
	}
	return found
}

func (v *verifier) verify(token string) *actor {
	now := float64(time.Now().Unix())
	v.lock.Lock()
	known, ok := v.seen[token]
	v.lock.Unlock()
	if ok && known.Expires > now {
		return &known.Actor
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(body, &known) != nil {
		return nil
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	key := v.keys[known.Issuer]
	if err != nil || key == nil || !ed25519.Verify(key, []byte(parts[0]+"."+parts[1]), signature) || known.Expires <= now || known.Audience != audience {
		return nil
	}
	v.lock.Lock()
	if len(v.seen) >= 10_000 {
		v.seen = map[string]claims{}
	}
	v.seen[token] = known
	v.lock.Unlock()
	return &known.Actor
}

// What a service stores: AES-256-GCM under a key derived, per schema, from the patient's key.
type sealer struct {
	schema string
	master cipher.AEAD
	unpack *zstd.Decoder
	lock   sync.Mutex
	known  map[string]keptCipher
}

type keptCipher struct {
	cipher cipher.AEAD
	until  time.Time
}

func newSealer(schema string) *sealer {
	dictionary, err := os.ReadFile(filepath.Join(os.Getenv("BENCH_CHECKOUT"), "Shared/Sealing/Dictionaries/1.zstd-dictionary"))
	if err != nil {
		log.Fatal(err)
	}
	unpack, err := zstd.NewReader(nil, zstd.WithDecoderDicts(dictionary))
	if err != nil {
		log.Fatal(err)
	}
	return &sealer{schema: schema, master: gcm(secretBytes("secrets/master-key")), unpack: unpack, known: map[string]keptCipher{}}
}

func (s *sealer) cipherOf(patient string) (cipher.AEAD, error) {
	now := time.Now()
	s.lock.Lock()
	known, ok := s.known[patient]
	s.lock.Unlock()
	if ok && known.until.After(now) {
		return known.cipher, nil
	}
	file, err := os.ReadFile(filepath.Join(home, "keys/patients", patient[len(patient)-2:], patient+".key"))
	if err != nil {
		return nil, err
	}
	// The last line is the newest version: its number, the master key's, and what that has wrapped.
	words := strings.Fields(string(file))
	version, text := words[len(words)-3], words[len(words)-1]
	wrapped, err := hex.DecodeString(text)
	if err != nil {
		return nil, err
	}
	key, err := s.master.Open(nil, wrapped[:12], wrapped[12:], []byte(patient+"/"+version))
	if err != nil {
		return nil, err
	}
	derived := make([]byte, 32)
	if _, err := hkdf.New(sha256.New, key, nil, []byte("chartline/"+s.schema+"/1")).Read(derived); err != nil {
		return nil, err
	}
	made := keptCipher{gcm(derived), now.Add(time.Minute)}
	s.lock.Lock()
	s.known[patient] = made
	s.lock.Unlock()
	return made.cipher, nil
}

func (s *sealer) open(with cipher.AEAD, sealed []byte, place string) ([]byte, error) {
	content, err := with.Open(nil, sealed[2:14], sealed[14:], []byte(place))
	if err != nil || sealed[0] != 2 {
		return content, err
	}
	return s.unpack.DecodeAll(content, nil)
}

func (s *sealer) seal(with cipher.AEAD, content []byte, place string) []byte {
	sealed := make([]byte, 14, 30+len(content))
	sealed[0], sealed[1] = 1, 1
	copy(sealed[2:], random(12))
	return with.Seal(sealed, sealed[2:14], content, []byte(place))
}

// The parameters of an audit entry's INSERT, its MAC included.
func auditEntry(key []byte, action string, who *actor, patients []string) []any {
	identity, trace := uuid7(), hex.EncodeToString(random(16))
	mac := hmac.New(sha256.New, key)
	fields := append([]string{
		"1", strings.ToUpper(identity), strconv.FormatInt(time.Now().UnixMicro(), 10), who.Issuer, who.Role, who.Account, who.Session, who.Purpose, action,
		"done", "", trace}, patients...)
	for _, field := range fields {
		var length [4]byte
		binary.BigEndian.PutUint32(length[:], uint32(len(field)))
		mac.Write(length[:])
		mac.Write([]byte(field))
	}
	var account, session any
	if who.Account != "" {
		account, session = who.Account, who.Session
	}
	return []any{identity, who.Role, account, session, who.Purpose, action, patients, trace, mac.Sum(nil)}
}

func connect() *amqp.Connection {
	pem, err := os.ReadFile(filepath.Join(home, "tls/authority.pem"))
	if err != nil {
		log.Fatal(err)
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(pem)
	address := fmt.Sprintf("amqps://%s:%s@127.0.0.1:%s/%s", user, secret("secrets/amqp-bench"), os.Getenv("AMQP_PORT"), vhost)
	connection, err := amqp.DialTLS(address, &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12})
	if err != nil {
		log.Fatal(err)
	}
	return connection
}

func channelOf(connection *amqp.Connection) *amqp.Channel {
	channel, err := connection.Channel()
	if err != nil {
		log.Fatal(err)
	}
	return channel
}

// Requests, answered by direct reply-to on one connection.
type bus struct {
	cipher  *busCipher
	channel *amqp.Channel
	lock    sync.Mutex
	waiting map[string]chan []byte
}

func newBus() *bus {
	made := &bus{cipher: newBusCipher(), channel: channelOf(connect()), waiting: map[string]chan []byte{}}
	replies, err := made.channel.Consume(replyTo, "", true, false, false, false, nil)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for reply := range replies {
			made.lock.Lock()
			answered := made.waiting[reply.CorrelationId]
			delete(made.waiting, reply.CorrelationId)
			made.lock.Unlock()
			if answered != nil {
				answered <- reply.Body
			}
		}
		log.Fatal("the connection is lost")
	}()
	return made
}

var errRefused, errFailed = errors.New("refused"), errors.New("failed")

func (b *bus) request(name string, message any, token string, into any) error {
	const timeout = 5 * time.Second
	identity := uuid7()
	payload, err := json.Marshal(message)
	if err != nil {
		return err
	}
	frame := make([]byte, 2, 2+len(token)+len(payload))
	binary.BigEndian.PutUint16(frame, uint16(len(token)))
	frame = append(append(frame, token...), payload...)
	answered := make(chan []byte, 1)
	b.lock.Lock()
	b.waiting[identity] = answered
	b.lock.Unlock()
	defer func() {
		b.lock.Lock()
		delete(b.waiting, identity)
		b.lock.Unlock()
	}()
	err = b.channel.Publish("", name[:strings.IndexByte(name, '.')]+".requests", true, false, amqp.Publishing{
		MessageId: identity, CorrelationId: identity, ReplyTo: replyTo, Type: name, UserId: user, Expiration: strconv.FormatInt(timeout.Milliseconds(), 10),
		Headers: amqp.Table{"deadline": time.Now().Add(timeout).UnixMilli(), "traceparent": traceparent()},
		Body:    b.cipher.seal(frame, "request/"+name+"/"+identity)})
	if err != nil {
		return err
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case sealed := <-answered:
		content, err := b.cipher.open(sealed, "reply/"+name+"/"+identity)
		if err != nil {
			return err
		}
		switch content[0] {
		case 0:
			return json.Unmarshal(content[1:], into)
		case 1:
			return errRefused
		default:
			return errFailed
		}
	case <-timer.C:
		return errors.New("timeout")
	}
}

type handler func(who *actor, payload []byte) ([]byte, error)

// Takes requests from the service's queue; an answer's first byte is its status.
func serve(service string, handlers map[string]handler) {
	sealing, verifying, channel := newBusCipher(), newVerifier(), channelOf(connect())
	queue := service + ".requests"
	if err := channel.Qos(128, 0, false); err != nil {
		log.Fatal(err)
	}
	bounds := amqp.Table{"x-max-length-bytes": int64(64 << 20), "x-overflow": "reject-publish"}
	if _, err := channel.QueueDeclare(queue, true, true, false, false, bounds); err != nil {
		log.Fatal(err)
	}
	requests, err := channel.Consume(queue, "", false, false, false, false, nil)
	if err != nil {
		log.Fatal(err)
	}
	answer := func(request amqp.Delivery) []byte {
		deadline, _ := request.Headers["deadline"].(int64)
		if time.Now().UnixMilli() >= deadline {
			return []byte{6}
		}
		frame, err := sealing.open(request.Body, "request/"+request.Type+"/"+request.MessageId)
		if err != nil || len(frame) < 2 {
			return []byte{3}
		}
		length := int(binary.BigEndian.Uint16(frame))
		who := verifying.verify(string(frame[2 : 2+length]))
		run := handlers[request.Type]
		if who == nil || run == nil {
			return []byte{2}
		}
		content, err := run(who, frame[2+length:])
		if err != nil {
			log.Print(request.Type, " ", err)
			return []byte{7}
		}
		return content
	}
	fmt.Println("ready")
	for request := range requests {
		go func(request amqp.Delivery) {
			content := answer(request)
			deadline, _ := request.Headers["deadline"].(int64)
			left := deadline - time.Now().UnixMilli()
			if left < 1 {
				left = 1
			}
			channel.Publish("", request.ReplyTo, false, false, amqp.Publishing{
				MessageId: uuid7(), CorrelationId: request.MessageId, UserId: user, Expiration: strconv.FormatInt(left, 10),
				Body: sealing.seal(content, "reply/"+request.Type+"/"+request.MessageId)})
			request.Ack(false)
		}(request)
	}
	log.Fatal("the connection is lost")
}
