"""Publishes what waits in a service's outbox, with confirms."""

import asyncio

import aio_pika

from settings import SQL, USER


async def relay(pool, service, events):
    while True:
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetchrow(SQL["role"], f"{service}_worker", "")
            mine = await connection.fetchval(SQL["relay_lock"], f"relay/{service}")
            rows = await connection.fetch(SQL["relay_read"]) if mine else []
            if rows:
                await asyncio.gather(
                    *(
                        events.publish(
                            aio_pika.Message(
                                row["body"],
                                content_type="application/json",
                                message_id=str(row["id"]),
                                type=row["name"],
                                user_id=USER,
                                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                                headers={"traceparent": row["traceparent"]},
                            ),
                            routing_key=row["name"],
                            mandatory=True,
                        )
                        for row in rows
                    )
                )
                await connection.execute(SQL["relay_sent"], [row["id"] for row in rows])
        if len(rows) < 200:
            await asyncio.sleep(0.02)
