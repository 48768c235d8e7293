"""What travels between a camera and the gateway: topics, messages, signatures. Described for people in docs/wire.md."""
