namespace Meerkat.Admin.Tests.Control;

/// <summary>Words of a command line, behind category and command.</summary>
/// <param name="Operation"><c>category.command</c>.</param>
/// <param name="Success">Succeeds; null where the success is in a test of its own, which is named.</param>
/// <param name="Refusal">Is refused.</param>
/// <param name="Code">With this code; null where the program itself refuses, because the operation takes no argument that could be wrong.</param>
public sealed record OperationCase(string Operation, string[]? Success, string[] Refusal, string? Code);

/// <summary>A success and a refusal of every operation of the administrator's schema. An operation that is not here fails the test.</summary>
public static class OperationCases
{
    private const string Nobody = "nobody@localhost";
    private static readonly string[] s_wrong = ["--nosuch", "x"];
    private static readonly string[] s_foreign = ["--domain", "nosuch.example"];
    private static readonly string[] s_here = ["--domain", "localhost"];
    private static readonly string[] s_den = ["--room", "den@muclight.localhost"];
    private static readonly string[] s_hall = ["--room", "hall@conference.localhost"];
    private static readonly string[] s_noHall = ["--room", "nosuch@conference.localhost"];
    private static readonly string[] s_nobody = ["--user", Nobody];

    /// <summary>Those that end the server are tested on servers of their own.</summary>
    public static IReadOnlyList<string> OnTheirOwn { get; } = ["server.stop", "server.restart"];

    /// <summary>In an order in which each finds what it needs.</summary>
    public static IReadOnlyList<OperationCase> All(string folder) =>
    [
        new("account.listUsers", s_here, s_foreign, "domain_not_found"), // GQA-ACCOUNT-01
        new("account.countUsers", s_here, s_foreign, "domain_not_found"), // GQA-ACCOUNT-02
        new("account.checkPassword", ["--user", "a@localhost", "--password", "secret"], [.. s_nobody, "--password", "x"], "user_does_not_exist"), // GQA-ACCOUNT-03
        new("account.checkPasswordHash", null, ["--user", "a@localhost", "--passwordHash", "00", "--hashMethod", "md5"], "wrong_user"), // GQA-ACCOUNT-04; passwords are kept as keys here; the success is in ExecutorTests
        new("account.checkUser", ["--user", "a@localhost"], s_wrong, null), // GQA-ACCOUNT-05
        new("account.registerUser", [.. s_here, "--username", "made", "--password", "secret"], [.. s_here, "--username", "a", "--password", "x"], "exists"), // GQA-ACCOUNT-06
        new("account.changeUserPassword", ["--user", "made@localhost", "--newPassword", "other"], [.. s_nobody, "--newPassword", "x"], "not_allowed"), // GQA-ACCOUNT-09
        new("account.banUser", ["--user", "made@localhost", "--reason", "spam"], [.. s_nobody, "--reason", "x"], "user_does_not_exist"), // GQA-ACCOUNT-08
        new("account.importUsers", ["--filename", Path.Combine(folder, "users.csv")], ["--filename", "/nosuch.csv"], "file_not_found"), // GQA-ACCOUNT-10
        new("account.removeUser", ["--user", "made@localhost"], s_nobody, "not_allowed"), // GQA-ACCOUNT-07
        new("cluster.list", null, [], "not_in_cluster"), // successes are in ClusterTests, with nodes
        new("cluster.drain", null, [], "not_in_cluster"),
        new("cluster.leave", null, [], "not_in_cluster"),
        new("cluster.remove", null, ["--node", "node1"], "not_in_cluster"),
        new("domain.domainsByHostType", ["--hostType", "localhost"], ["--hostType", "nosuch"], "unknown_host_type"), // GQA-DOMAIN-01
        new("domain.allDomains", [], s_wrong, null), // GQA-DOMAIN-02
        new("domain.domainDetails", s_here, s_foreign, "not_found"), // GQA-DOMAIN-03
        new("domain.setDomainPassword", [.. s_here, "--password", "p"], [.. s_foreign, "--password", "p"], "not_found"), // GQA-DOMAIN-09
        new("domain.deleteDomainPassword", s_here, s_here, "not_found"), // GQA-DOMAIN-10
        new("domain.addDomain", ["--domain", "new.example", "--hostType", "free"], [.. s_here, "--hostType", "free"], "static"), // GQA-DOMAIN-04
        new("domain.disableDomain", ["--domain", "new.example"], s_foreign, "not_found"), // GQA-DOMAIN-08
        new("domain.enableDomain", ["--domain", "new.example"], s_here, "static"), // GQA-DOMAIN-07
        new("domain.removeDomain", ["--domain", "new.example", "--hostType", "free"], ["--domain", "new.example", "--hostType", "nosuch"], "unknown_host_type"), // GQA-DOMAIN-05
        new("domain.requestRemoveDomain", null, ["--domain", "new.example", "--hostType", "free"], "not_found"), // GQA-DOMAIN-06; a success is in DomainTests
        new("externalServices.getServices", [.. s_here, "--type", "turn"], s_foreign, "domain_not_found"), // GQA-EXTSVC-01
        new("gdpr.retrievePersonalData", ["--username", "a", .. s_here, "--resultFilepath", Path.Combine(folder, "a.zip")], ["--username", "a", .. s_here, "--resultFilepath", folder], "location_is_a_directory_error"), // GQA-GDPR-01
        new("httpUpload.getUrl", [.. s_here, "--filename", "a.png", "--size", "10", "--contentType", "image/png", "--timeout", "60"], [.. s_here, "--filename", "a.png", "--size", "2000000000", "--timeout", "60"], "file_too_large_error"), // GQA-UPLOAD-01
        new("inbox.flushUserBin", ["--user", "a@localhost", "--days", "1"], s_nobody, "user_does_not_exist"), // GQA-INBOX-01
        new("inbox.flushDomainBin", s_here, s_foreign, "domain_not_found"), // GQA-INBOX-02
        new("inbox.flushGlobalBin", ["--hostType", "localhost"], ["--hostType", "nosuch"], "host_type_not_found"), // GQA-INBOX-03
        new("last.setLast", ["--user", "b@localhost", "--timestamp", "2020-01-02T03:04:05Z", "--status", "gone"], [.. s_nobody, "--status", ""], "user_does_not_exist"), // GQA-LAST-04
        new("last.getLast", ["--user", "b@localhost"], ["--user", "c@localhost"], "last_not_found"), // GQA-LAST-01
        new("last.countActiveUsers", s_here, s_foreign, "domain_not_found"), // GQA-LAST-02
        new("last.listOldUsers", [.. s_here, "--timestamp", "2020-06-01T00:00:00Z"], [.. s_foreign, "--timestamp", "2020-06-01T00:00:00Z"], "domain_not_found"), // GQA-LAST-03
        new("metric.getMetrics", ["--name", "[\"_\", \"sm_session\"]"], s_wrong, null), // GQA-METRIC-01
        new("metric.getMetricsAsDicts", ["--name", "[\"global\"]", "--keys", "[\"value\"]"], s_wrong, null), // GQA-METRIC-02
        new("metric.getClusterMetricsAsDicts", ["--name", "[\"global\"]"], ["--nodes", "[\"nosuch\"]"], "resolver_error"), // GQA-METRIC-03
        new("monitor.figures", ["--last", "3"], ["--last", "0"], "input_coercion"),
        new("monitor.configuration", [], s_wrong, null),
        new("monitor.log", ["--limit", "5", "--level", "INFO"], ["--limit", "0"], "input_coercion"),
        new("monitor.searchUsers", [.. s_here, "--prefix", "a", "--limit", "1"], s_foreign, "domain_not_found"),
        new("monitor.listDevices", ["--user", "a@localhost"], s_nobody, "user_not_found"),
        new("monitor.listServices", s_here, s_foreign, "domain_not_found"),
        new("muc.createInstantRoom", [.. s_hall, "--owner", "a@localhost/phone", "--nick", "ann"], [.. s_hall, "--owner", Nobody, "--nick", "x"], "user_not_found"), // GQA-MUC-01
        new("muc.listRooms", ["--mucDomain", "conference.localhost", "--from", "a@localhost", "--limit", "5", "--index", "0"], ["--mucDomain", "localhost", "--from", "a@localhost"], "muc_server_not_found"), // GQA-MUC-12
        new("muc.changeRoomConfiguration", [.. s_hall, "--config", "{\"title\":\"The Hall\",\"persistent\":true,\"mayGetMemberList\":[\"moderator\"],\"maxUsers\":50}"], [.. s_hall, "--config", "{\"mayGetMemberList\":[\"nosuch\"]}"], "validation_error"), // GQA-MUC-07
        new("muc.getRoomConfig", s_hall, s_noHall, "room_not_found"), // GQA-MUC-13
        new("muc.inviteUser", [.. s_hall, "--sender", "a@localhost", "--recipient", "b@localhost"], [.. s_noHall, "--sender", "a@localhost", "--recipient", "b@localhost"], "room_not_found"), // GQA-MUC-02
        new("muc.enterRoom", [.. s_hall, "--user", "b@localhost/kicked", "--nick", "bea"], [.. s_hall, "--user", "b@localhost", "--nick", "bea"], "input_coercion"), // GQA-MUC-10
        new("muc.listRoomUsers", s_hall, s_noHall, "room_not_found"), // GQA-MUC-14
        new("muc.sendMessageToRoom", [.. s_hall, "--from", "a@localhost/phone", "--body", "hello"], [.. s_hall, "--from", "a@localhost", "--body", "x"], "input_coercion"), // GQA-MUC-04
        new("muc.sendPrivateMessage", [.. s_hall, "--from", "a@localhost/phone", "--toNick", "bea", "--body", "psst"], [.. s_hall, "--from", "a@localhost", "--toNick", "bea", "--body", "x"], "input_coercion"), // GQA-MUC-05
        new("muc.getRoomMessages", [.. s_hall, "--pageSize", "5"], ["--room", "hall@localhost"], "muc_server_not_found"), // GQA-MUC-16
        new("muc.setUserRole", [.. s_hall, "--nick", "bea", "--role", "VISITOR"], [.. s_hall, "--nick", "nosuch", "--role", "VISITOR"], "cannot_modify"), // GQA-MUC-08
        new("muc.setUserAffiliation", [.. s_hall, "--user", "c@localhost", "--affiliation", "MEMBER"], [.. s_hall, "--user", "a@localhost", "--affiliation", "NONE"], "cannot_modify"), // GQA-MUC-09; the last owner
        new("muc.listRoomAffiliations", [.. s_hall, "--affiliation", "MEMBER"], s_noHall, "room_not_found"), // GQA-MUC-15
        new("muc.kickUser", [.. s_hall, "--nick", "bea", "--reason", "out"], [.. s_noHall, "--nick", "bea"], "room_not_found"), // GQA-MUC-03
        new("muc.exitRoom", [.. s_hall, "--user", "a@localhost/phone", "--nick", "ann"], [.. s_hall, "--user", "a@localhost", "--nick", "ann"], "input_coercion"), // GQA-MUC-11
        new("muc.deleteRoom", [.. s_hall, "--reason", "closed"], s_noHall, "room_not_found"), // GQA-MUC-06
        new("muc_light.createRoom", ["--mucDomain", "muclight.localhost", "--owner", "a@localhost", "--id", "den", "--name", "Den", "--options", "[{\"key\":\"subject\",\"value\":\"pups\"}]"], ["--mucDomain", "muclight.localhost", "--owner", "a@localhost", "--id", "den"], "already_exists"), // GQA-MUCLIGHT-01
        new("muc_light.inviteUser", [.. s_den, "--sender", "a@localhost", "--recipient", "b@localhost"], [.. s_den, "--sender", "c@localhost", "--recipient", "b@localhost"], "not_room_member"), // GQA-MUCLIGHT-03
        new("muc_light.getRoomConfig", s_den, ["--room", "nosuch@muclight.localhost"], "room_not_found"), // GQA-MUCLIGHT-09
        new("muc_light.listRoomUsers", s_den, ["--room", "den@localhost"], "muc_server_not_found"), // GQA-MUCLIGHT-10
        new("muc_light.listUserRooms", ["--user", "a@localhost"], s_nobody, "user_not_found"), // GQA-MUCLIGHT-11
        new("muc_light.changeRoomConfiguration", [.. s_den, "--owner", "a@localhost", "--subject", "fish"], [.. s_den, "--owner", "a@localhost", "--options", "[{\"key\":\"nosuch\",\"value\":\"x\"}]"], "validation_error"), // GQA-MUCLIGHT-02
        new("muc_light.sendMessageToRoom", [.. s_den, "--from", "b@localhost", "--body", "hello"], [.. s_den, "--from", Nobody, "--body", "x"], "user_not_found"), // GQA-MUCLIGHT-06
        new("muc_light.getRoomMessages", s_den, ["--room", "nosuch@muclight.localhost"], "room_not_found"), // GQA-MUCLIGHT-08
        new("muc_light.listRooms", ["--mucDomain", "muclight.localhost", "--filter", "DE", "--limit", "5"], ["--mucDomain", "localhost"], "muc_server_not_found"), // GQA-MUCLIGHT-13
        new("muc_light.setBlockingList", ["--user", "c@localhost", "--items", "[{\"entityType\":\"USER\",\"entity\":\"b@localhost\"}]"], [.. s_nobody, "--items", "[]"], "user_not_found"), // GQA-MUCLIGHT-07
        new("muc_light.getBlockingList", ["--user", "c@localhost"], s_nobody, "user_not_found"), // GQA-MUCLIGHT-12
        new("muc_light.kickUser", [.. s_den, "--user", "b@localhost"], [.. s_den, "--user", "c@localhost"], "not_room_member"), // GQA-MUCLIGHT-05
        new("muc_light.deleteRoom", s_den, ["--room", "nosuch@muclight.localhost"], "room_not_found"), // GQA-MUCLIGHT-04
        new("offline.deleteExpiredMessages", s_here, s_foreign, "domain_not_found"), // GQA-OFFLINE-01
        new("offline.deleteOldMessages", [.. s_here, "--days", "1"], [.. s_foreign, "--days", "1"], "domain_not_found"), // GQA-OFFLINE-02
        new("private.setPrivate", ["--user", "a@localhost", "--elementString", "<n xmlns='app:n'>milk</n>"], ["--user", "a@localhost", "--elementString", "<n/>"], "not_found"), // GQA-PRIVATE-01
        new("private.getPrivate", ["--user", "a@localhost", "--element", "n", "--nameSpace", "app:n"], [.. s_nobody, "--element", "n", "--nameSpace", "app:n"], "not_found"), // GQA-PRIVATE-02
        new("roster.addContact", ["--user", "a@localhost", "--contact", "b@localhost", "--name", "Bea", "--groups", "[\"Friends\"]"], ["--user", "a@localhost", "--contact", Nobody], "user_not_exist"), // GQA-ROSTER-01
        new("roster.addContacts", ["--user", "b@localhost", "--contacts", "[{\"jid\":\"c@localhost\",\"name\":\"C\"}]"], ["--user", "b@localhost", "--contacts", $"[{{\"jid\":\"c@localhost\",\"name\":\"C\"}},{{\"jid\":\"{Nobody}\",\"name\":\"\"}}]"], "user_not_exist"), // GQA-ROSTER-02
        new("roster.subscription", ["--user", "a@localhost", "--contact", "b@localhost", "--action", "INVITE"], ["--user", "a@nosuch.example", "--contact", "b@localhost", "--action", "INVITE"], "unknown_domain"), // GQA-ROSTER-03
        new("roster.listContacts", ["--user", "a@localhost"], s_nobody, "user_not_exist"), // GQA-ROSTER-09
        new("roster.getContact", ["--user", "a@localhost", "--contact", "b@localhost"], ["--user", "a@localhost", "--contact", Nobody], "contact_not_found"), // GQA-ROSTER-10
        new("roster.deleteContact", ["--user", "a@localhost", "--contact", "b@localhost"], ["--user", "a@localhost", "--contact", Nobody], "contact_not_found"), // GQA-ROSTER-04
        new("roster.deleteContacts", ["--user", "b@localhost", "--contacts", "[\"c@localhost\"]"], ["--user", "b@localhost", "--contacts", $"[\"{Nobody}\"]"], "contact_not_found"), // GQA-ROSTER-05
        new("roster.setMutualSubscription", ["--userA", "a@localhost", "--userB", "c@localhost", "--action", "CONNECT"], ["--userA", "a@localhost", "--userB", Nobody, "--action", "CONNECT"], "user_not_exist"), // GQA-ROSTER-06
        new("roster.subscribeToAll", ["--user", "{\"jid\":\"a@localhost\",\"name\":\"A\"}", "--contacts", "[{\"jid\":\"b@localhost\",\"name\":\"B\"}]"], ["--user", "{\"jid\":\"a@localhost\",\"name\":\"A\"}", "--contacts", $"[{{\"jid\":\"{Nobody}\",\"name\":\"\"}}]"], "user_not_exist"), // GQA-ROSTER-07
        new("roster.subscribeAllToAll", ["--contacts", "[{\"jid\":\"a@localhost\",\"name\":\"A\"},{\"jid\":\"b@localhost\",\"name\":\"B\"},{\"jid\":\"c@localhost\",\"name\":\"C\"}]"], ["--contacts", $"[{{\"jid\":\"a@localhost\",\"name\":\"A\"}},{{\"jid\":\"{Nobody}\",\"name\":\"\"}}]"], "user_not_exist"), // GQA-ROSTER-08
        new("server.status", [], s_wrong, null), // GQA-SERVER-01
        new("server.getLoglevel", [], s_wrong, null), // GQA-SERVER-02
        new("server.setLoglevel", ["--level", "WARNING"], ["--level", "LOUD"], "input_coercion"), // GQA-SERVER-12
        new("server.getCookie", [], s_wrong, null), // GQA-SERVER-03
        new("server.joinCluster", null, ["--node", "node1"], "not_in_cluster"), // as with cluster
        new("server.leaveCluster", null, [], "not_in_cluster"),
        new("server.removeFromCluster", null, ["--node", "node1"], "not_in_cluster"),
        new("server.removeNode", null, ["--node", "node1"], "not_in_cluster"),
        new("server.hostTypes", [], s_wrong, null), // GQA-SERVER-04
        new("server.globalInfo", [], s_wrong, null), // GQA-SERVER-05
        new("session.listSessions", s_here, s_foreign, "domain_not_found"), // GQA-SESSION-01
        new("session.countSessions", [], s_foreign, "domain_not_found"), // GQA-SESSION-02
        new("session.listUserSessions", ["--user", "a@localhost"], s_nobody, "user_not_found"), // GQA-SESSION-03
        new("session.countUserResources", ["--user", "a@localhost"], s_nobody, "user_not_found"), // GQA-SESSION-04
        new("session.getUserResource", ["--user", "a@localhost", "--number", "1"], ["--user", "a@localhost", "--number", "9"], "wrong_res_number"), // GQA-SESSION-05
        new("session.listUsersWithStatus", ["--status", "available"], [.. s_foreign, "--status", "away"], "domain_not_found"), // GQA-SESSION-06
        new("session.countUsersWithStatus", ["--status", "available"], [.. s_foreign, "--status", "away"], "domain_not_found"), // GQA-SESSION-07
        new("session.setPresence", ["--user", "a@localhost/phone", "--type", "AVAILABLE", "--show", "AWAY", "--status", "lunch", "--priority", "3"], ["--user", "a@localhost", "--type", "AVAILABLE"], "empty_resource"), // GQA-SESSION-10
        new("session.kickUserSession", ["--user", "b@localhost/kicked", "--reason", "maintenance"], ["--user", "b@localhost/nosuch"], "no_session"), // GQA-SESSION-08
        new("session.kickUser", ["--user", "c@localhost"], s_nobody, "user_not_found"), // GQA-SESSION-09
        new("stanza.getLastMessages", ["--caller", "a@localhost", "--limit", "5"], ["--caller", Nobody], "unknown_user"), // GQA-STANZA-01
        new("stanza.sendMessage", ["--from", "b@localhost", "--to", "a@localhost", "--body", "hello"], ["--from", Nobody, "--to", "a@localhost", "--body", "x"], "unknown_user"), // GQA-STANZA-02
        new("stanza.sendMessageHeadLine", ["--from", "b@localhost", "--to", "a@localhost", "--subject", "news"], ["--from", Nobody, "--to", "a@localhost"], "unknown_user"), // GQA-STANZA-03
        new("stanza.sendStanza", ["--stanza", "<message from='b@localhost' to='a@localhost'><body>raw</body></message>"], ["--stanza", "<message from='b@localhost'><body>raw</body></message>"], "no_recipient"), // GQA-STANZA-04
        new("stat.globalStats", [], s_wrong, null), // GQA-STAT-01
        new("stat.domainStats", s_here, ["--domain", "a b"], "input_coercion"), // GQA-STAT-02
        new("vcard.setVcard", ["--user", "a@localhost", "--vcard", "{\"formattedName\":\"Ann\",\"nameComponents\":{\"givenName\":\"Ann\"},\"email\":[{\"tags\":[\"HOME\"],\"userId\":\"a@mail.example\"}]}"], [.. s_nobody, "--vcard", "{\"formattedName\":\"x\",\"nameComponents\":{}}"], "user_not_found"), // GQA-VCARD-01
        new("vcard.getVcard", ["--user", "a@localhost"], ["--user", "b@localhost"], "vcard_not_found"), // GQA-VCARD-02
        new("last.removeOldUsers", [.. s_here, "--timestamp", "2000-01-01T00:00:00Z"], [.. s_foreign, "--timestamp", "2020-06-01T00:00:00Z"], "domain_not_found"), // GQA-LAST-05; whoever has never been there goes too
    ];
}
