// The Go peer: `go-peer gateway|identity|scheduling|records|events`, each a process of its own.
package main

import (
	"log"
	"os"
)

func main() {
	switch os.Args[1] {
	case "gateway":
		runGateway()
	case "events":
		runEvents()
	case "identity", "scheduling", "records":
		runService(os.Args[1])
	default:
		log.Fatalf("there is no part %s", os.Args[1])
	}
}
