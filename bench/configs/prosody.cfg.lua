-- Prosody for bench/compare: loopback, private ports and data, nothing throttled. @NAMES@ are filled in by the script.
run_as_root = false
daemonize = false
pidfile = "@DATA@/prosody.pid"
data_path = "@DATA@"
log = { warn = "@LOG@" }

network_backend = "epoll"
interfaces = { "127.0.0.1" }
c2s_ports = { @PORT@ }
c2s_direct_tls_ports = { @TLS_PORT@ }
http_ports = { @HTTP_PORT@ }
http_interfaces = { "127.0.0.1" }
https_ports = {}
consider_bosh_secure = true
network_settings = { tcp_backlog = 4096 }

-- What Meerkat has too; no "limits", no "register_limits".
modules_enabled = {
    "disco", "roster", "saslauth", "tls", "blocklist", "carbons", "csi_simple", "private", "smacks",
    "ping", "register_ibr", "time", "version", "uptime", "lastactivity", "vcard_legacy", "offline", "adhoc", "bosh",
}
modules_disabled = { "s2s" }

storage = "internal"
authentication = "internal_hashed"
default_iteration_count = @ROUNDS@
allow_registration = true
c2s_require_encryption = false
allow_unencrypted_plain_auth = true

ssl = { certificate = "@CERT@", key = "@KEY@" }
c2s_direct_tls_ssl = { certificate = "@CERT@", key = "@KEY@" }

VirtualHost "localhost"

Component "conference.localhost" "muc"
    restrict_room_creation = false
