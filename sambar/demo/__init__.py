"""The whole system on one machine, on embedded defaults: a broker, the gateway and one camera, as the real programs."""
