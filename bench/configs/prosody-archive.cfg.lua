
-- Behind prosody.cfg.lua in the group "archive": what accounts send and receive is kept in PostgreSQL.
VirtualHost "localhost"
    modules_enabled = { "mam" }
    default_archive_policy = true
    archive_expires_after = "never"
    storage = { archive = "sql" }
    sql = { driver = "PostgreSQL", database = "prosody", username = "bench", password = "bench", host = "127.0.0.1", port = @DATABASE_PORT@ }
