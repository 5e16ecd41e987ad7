"""Who hears of a message in the Python peer: notifications, which writes to nobody because a patient wrote it, and the open pages of two gateways."""

import asyncio

import aio_pika
import orjson
import uvloop

from settings import AMQP

SENT, CHANGED = "messaging.message-sent.v1", "messaging.task-changed.v1"
LETTERS = "notifications.write-on-message-sent"
open_pages = {}


async def write_letter(message):
    assert orjson.loads(message.body)["isFromPatient"]
    await message.ack()


async def tell(message):
    event = orjson.loads(message.body)
    for page in open_pages.get(event["thread"], ()):
        page.put_nowait(event["version"])


async def main():
    connection = await aio_pika.connect(AMQP)
    channel = await connection.channel(publisher_confirms=False)
    await channel.set_qos(prefetch_count=32)
    events = await channel.declare_exchange("events", aio_pika.ExchangeType.TOPIC, durable=True)
    letters = await channel.declare_queue(
        LETTERS, durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": 10, "x-max-length-bytes": 256 << 20}
    )
    unheard = await channel.declare_queue(
        "events.unheard", durable=True, arguments={"x-queue-type": "quorum", "x-max-length": 1000, "x-overflow": "drop-head"}
    )
    await letters.bind(events, SENT)
    await unheard.bind(events, CHANGED)
    await letters.consume(write_letter)
    for _ in ("portal", "clinic"):
        queue = await channel.declare_queue(exclusive=True, auto_delete=True)
        await queue.bind(events, CHANGED)
        await queue.consume(tell, no_ack=True)
    print("ready", flush=True)
    await asyncio.Future()


if __name__ == "__main__":
    uvloop.run(main())
