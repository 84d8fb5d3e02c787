"""Handing a digest over: mail, webhook, outbox."""
