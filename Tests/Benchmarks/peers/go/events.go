package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/jackc/pgconn"
	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	planQueue  = "notifications.plan-on-appointment-booked"
	visitQueue = "records.note-visit-on-appointment-booked"
	callQueue  = "telemedicine.open-call-on-appointment-booked"
)

// The relay of the scheduling outbox, with confirms, and the subscribers of notifications, records and telemedicine, each with its inbox.
func runEvents() {
	emit, hear := channelOf(connect()), connect()
	must(emit.Confirm(false))
	must(emit.ExchangeDeclare("events", "topic", true, false, false, false, nil))
	declare := func(queue, key string, arguments amqp.Table) {
		arguments["x-queue-type"] = "quorum"
		_, err := emit.QueueDeclare(queue, true, false, false, false, arguments)
		must(err)
		must(emit.QueueBind(queue, key, "events", false, nil))
	}
	for _, queue := range []string{planQueue, visitQueue, callQueue} {
		declare(queue, "scheduling.appointment-booked.v1", amqp.Table{"x-delivery-limit": int32(10), "x-max-length-bytes": int64(256 << 20)})
	}
	declare("events.unheard", "scheduling.appointment-held.v1", amqp.Table{"x-max-length": int32(1000), "x-overflow": "drop-head"})
	pool, sealing := openPool("notifications", 8), newSealer("notifications")
	hearing(hear, planQueue, func(delivery amqp.Delivery) error { return plan(pool, sealing, delivery) })
	records := openPool("records", 8)
	hearing(hear, visitQueue, func(delivery amqp.Delivery) error { return noteVisit(records, delivery) })
	telemedicine := openPool("telemedicine", 8)
	hearing(hear, callQueue, func(delivery amqp.Delivery) error { return openCall(telemedicine, delivery) })
	fmt.Println("ready")
	relay(openPool("scheduling", 2), emit)
}

func hearing(connection *amqp.Connection, queue string, act func(amqp.Delivery) error) {
	channel := channelOf(connection)
	must(channel.Qos(32, 0, false))
	deliveries, err := channel.Consume(queue, "", false, false, false, false, nil)
	must(err)
	go func() {
		for delivery := range deliveries {
			go func(delivery amqp.Delivery) {
				if err := act(delivery); err != nil {
					log.Print(queue, " ", err)
				}
				delivery.Ack(false)
			}(delivery)
		}
		log.Fatal("the connection is lost")
	}()
}

// Who has a visit of a patient treats them for a while.
func noteVisit(pool *pgxpool.Pool, delivery amqp.Delivery) error {
	return once(pool, "records", delivery, func(batch *pgx.Batch, event line) {
		batch.Queue(sql["inbox_visit"], delivery.MessageId)
		batch.Queue(sql["visit"], event.Appointment, event.Version, event.Patient, event.Practitioner, event.Location,
			time.UnixMilli(event.Start.Instant).UTC())
	})
}

// Every visit has a row, by which whoever has one treats the patient.
func openCall(pool *pgxpool.Pool, delivery amqp.Delivery) error {
	return once(pool, "telemedicine", delivery, func(batch *pgx.Batch, event line) {
		batch.Queue(sql["inbox_call"], delivery.MessageId)
		batch.Queue(sql["call"], event.Appointment, event.Patient, event.Practitioner, event.Location, event.Version,
			time.UnixMilli(event.Start.Instant).UTC(), time.UnixMilli(event.End.Instant).UTC(), event.Start.Zone, false)
	})
}

// One transaction in one round trip: the inbox row, and what follows from the event.
func once(pool *pgxpool.Pool, service string, delivery amqp.Delivery, apply func(*pgx.Batch, line)) error {
	var event line
	if err := json.Unmarshal(delivery.Body, &event); err != nil {
		return err
	}
	err := pool.BeginFunc(context.Background(), func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		role(batch, service, "worker", nil)
		apply(batch, event)
		results := tx.SendBatch(context.Background(), batch)
		defer results.Close()
		return skip(results, batch.Len())
	})
	if known, ok := err.(*pgconn.PgError); ok && known.Code == "23505" {
		return nil // heard before
	}
	return err
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func relay(pool *pgxpool.Pool, channel *amqp.Channel) {
	type row struct {
		id, name, trace string
		body            []byte
	}
	confirms := channel.NotifyPublish(make(chan amqp.Confirmation, 256))
	for {
		count := 0
		err := pool.BeginFunc(context.Background(), func(tx pgx.Tx) error {
			batch := &pgx.Batch{}
			role(batch, "scheduling", "worker", nil)
			batch.Queue(sql["relay_lock"], "relay/scheduling")
			results := tx.SendBatch(context.Background(), batch)
			err := skip(results, 1)
			var mine bool
			if err == nil {
				err = results.QueryRow().Scan(&mine)
			}
			results.Close()
			if err != nil || !mine {
				return err
			}
			rows, err := tx.Query(context.Background(), sql["relay_read"])
			if err != nil {
				return err
			}
			var found []row
			for rows.Next() {
				var one row
				if err := rows.Scan(&one.id, &one.name, &one.body, &one.trace); err != nil {
					return err
				}
				found = append(found, one)
			}
			if rows.Err() != nil || len(found) == 0 {
				return rows.Err()
			}
			ids := []string{}
			for _, one := range found {
				ids = append(ids, one.id)
				err := channel.Publish("events", one.name, true, false, amqp.Publishing{
					ContentType: "application/json", MessageId: one.id, Type: one.name, UserId: user, DeliveryMode: amqp.Persistent,
					Headers: amqp.Table{"traceparent": one.trace}, Body: one.body})
				if err != nil {
					return err
				}
			}
			for range found {
				if confirmed := <-confirms; !confirmed.Ack {
					return fmt.Errorf("not confirmed")
				}
			}
			count = len(found)
			_, err = tx.Exec(context.Background(), sql["relay_sent"], ids)
			return err
		})
		if err != nil {
			log.Print("relay ", err)
		}
		if count < 200 {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

func plan(pool *pgxpool.Pool, sealing *sealer, delivery amqp.Delivery) error {
	var event line
	if err := json.Unmarshal(delivery.Body, &event); err != nil {
		return err
	}
	start, now := time.UnixMilli(event.Start.Instant).UTC(), time.Now().UTC()
	err := pool.BeginFunc(context.Background(), func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		role(batch, "notifications", "worker", nil)
		batch.Queue(sql["inbox"], delivery.MessageId)
		batch.Queue(sql["seen"], event.Appointment, event.Version, event.Patient)
		results := tx.SendBatch(context.Background(), batch)
		err := skip(results, 2)
		var advanced bool
		if err == nil {
			err = results.QueryRow().Scan(&advanced)
		}
		results.Close()
		if err == pgx.ErrNoRows {
			return nil
		}
		if err != nil {
			return err
		}
		var body []byte
		if err = tx.QueryRow(context.Background(), sql["contact"], event.Patient).Scan(&body); err != nil && err != pgx.ErrNoRows {
			return err
		}
		var contact struct{ Zone string }
		if body != nil {
			cipher, err := sealing.cipherOf(event.Patient)
			if err != nil {
				return err
			}
			text, err := sealing.open(cipher, body, "contact/body/"+strings.ToUpper(event.Patient))
			if err != nil {
				return err
			}
			if err := json.Unmarshal(text, &contact); err != nil {
				return err
			}
		}
		if contact.Zone == "" {
			contact.Zone = event.Start.Zone
		}
		zone, err := time.LoadLocation(contact.Zone)
		if err != nil {
			return err
		}
		batch = &pgx.Batch{}
		for _, channel := range []string{"email", "sms"} {
			for rule, due := range map[string]time.Time{
				"at-once": now, "week-before": start.AddDate(0, 0, -7), "day-before": start.AddDate(0, 0, -1), "two-hours-before": start.Add(-2 * time.Hour)} {
				kind, state := "reminder", "scheduled"
				var reason any
				if rule == "at-once" {
					kind, state, reason = "confirmation", "suppressed", "channel-off"
				} else if due.Before(now) {
					state, reason = "suppressed", "too-soon"
				}
				batch.Queue(sql["intent"], uuid7(), event.Appointment, event.Version, event.Patient, kind, channel, rule, due,
					due.In(zone).Format("2006-01-02T15:04"), contact.Zone, start, kind == "confirmation", state, reason)
			}
		}
		results = tx.SendBatch(context.Background(), batch)
		defer results.Close()
		return skip(results, 8)
	})
	if known, ok := err.(*pgconn.PgError); ok && known.Code == "23505" {
		return nil // heard before
	}
	return err
}
