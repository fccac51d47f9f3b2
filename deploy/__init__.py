"""How gongshi is run: the command line, the embedded Kafka and PostgreSQL, the supervisor, samples, benches and dashboards."""
