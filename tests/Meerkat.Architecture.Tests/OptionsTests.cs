using Xunit;

namespace Meerkat.Architecture.Tests;

public sealed class OptionsTests
{
    // Checked and without effect so far; the operator is told so at the start (KnownKeys), or there is only one choice.
    private static readonly string[] s_withoutEffect =
    [
        "Meerkat.Modules.Muc.MucOptions.LoadPermanentRoomsAtStartup", // rooms are read when somebody comes
        "Meerkat.Modules.Muc.MucOptions.OnlineBackend", // one machine
        "Meerkat.Core.Hosts.RdbmsConnectionOptions.Driver", // only one kind of database
        "Meerkat.Core.Hosts.RdbmsPoolOptions.CallTimeout", // SQLite is in the process
        "Meerkat.Core.Hosts.RdbmsPoolOptions.MaxWorkerQueueLen",
        "Meerkat.Core.Hosts.RdbmsPoolOptions.Scope", // a file of SQLite is one, whoever shares it
        "Meerkat.Core.Hosts.RdbmsPoolOptions.Strategy",
        "Meerkat.Core.Hosts.CassandraPoolOptions.Strategy", // the connection with the fewest requests
        "Meerkat.Core.Hosts.RdbmsPoolOptions.Workers",
        "Meerkat.Core.Hosts.HttpPoolOptions.Scope", // connections have nothing that hosts could not share
        "Meerkat.Core.Hosts.HttpPoolOptions.Strategy",
        "Meerkat.Core.Hosts.RedisPoolOptions.Scope", // one connection for the whole server
        "Meerkat.Core.Hosts.RedisPoolOptions.Strategy",
    ];

    [Fact]
    public void Every_option_is_read_somewhere()
    {
        // Where a module keeps its data is its store's business: whoever makes stores looks at "backend" by its name, whatever the record.
        var unread = Options.NobodyReads(Code.Ours).Where(option => !option.EndsWith(".Backend", StringComparison.Ordinal)).ToArray();
        Assert.True(unread.All(s_withoutEffect.Contains), $"nobody reads {string.Join(", ", unread.Except(s_withoutEffect))}");
    }

    [Fact] // the rule can fail
    public void An_option_that_only_its_record_looks_at_is_found() =>
        Assert.Equal(["Meerkat.Architecture.Tests.Plants.PlantedOptions.Nobody", "Meerkat.Architecture.Tests.Plants.PlantedOptions.OnlyChecked"], Options.NobodyReads([Code.Planted]));
}
