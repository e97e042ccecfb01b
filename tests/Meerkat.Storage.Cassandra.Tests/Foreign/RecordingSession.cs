using System.Text.Json.Nodes;
using Meerkat.Storage.Cassandra.Connections;

namespace Meerkat.Storage.Cassandra.Tests.Foreign;

/// <summary>Another driver in the place of ours: it passes everything on, one after the other, and notes it as a scenario that anybody can play, with the rows that came.</summary>
internal sealed class RecordingSession(CassandraPool pool) : ICqlSession
{
    private readonly SemaphoreSlim _one = new(1, 1);

    public string Name => pool.Name;

    public string Keyspace => pool.Keyspace;

    public JsonArray Steps { get; } = [];

    /// <summary>The rows of each step.</summary>
    public JsonArray Answers { get; } = [];

    public async ValueTask<CqlPage> ExecuteAsync(CqlStatement statement, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            // Small pages: every driver has to turn them.
            var all = new List<CqlRow>();
            var asked = statement with { PageSize = 3 };
            while (true)
            {
                var page = await pool.ExecuteAsync(asked, ct);
                all.AddRange(page.Rows);
                if (page.NextPage is not { } next)
                {
                    Note(new JsonObject { ["kind"] = "execute", ["cql"] = statement.Text, ["values"] = Values(statement), ["page"] = 3 }, page.Columns.Count, all);
                    return new CqlPage(page.Columns, all, null);
                }

                asked = asked with { PagingState = next };
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask BatchAsync(IReadOnlyList<CqlStatement> statements, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            await pool.BatchAsync(statements, ct);
            var parts = statements.Select(statement => (JsonNode)new JsonObject { ["cql"] = statement.Text, ["values"] = Values(statement) });
            Note(new JsonObject { ["kind"] = "batch", ["statements"] = new JsonArray([.. parts]) }, 0, []);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>A statement that all must refuse in the same way.</summary>
    public void Fails(string text, string code)
    {
        Steps.Add(new JsonObject { ["kind"] = "fails", ["cql"] = text });
        Answers.Add(new JsonArray(new JsonArray(code)));
    }

    public ValueTask DisposeAsync() => pool.DisposeAsync();

    private void Note(JsonObject step, int columns, List<CqlRow> rows)
    {
        Steps.Add(step);
        Answers.Add(new JsonArray([.. rows.Select(row => new JsonArray([.. Enumerable.Range(0, columns).Select(i => Plain(row[i]))]))]));
    }

    private static JsonArray Values(CqlStatement statement) => new([.. statement.Values.Select(Value)]);

    private static JsonObject? Value(object? value) => value switch
    {
        null => null,
        string text => new() { ["text"] = text },
        long number => new() { ["bigint"] = $"{number}" },
        int number => new() { ["int"] = number },
        bool flag => new() { ["boolean"] = flag },
        byte[] bytes => new() { ["blob"] = Convert.ToHexStringLower(bytes) },
        ReadOnlyMemory<byte> bytes => new() { ["blob"] = Convert.ToHexStringLower(bytes.Span) },
        Guid id => new() { ["uuid"] = $"{id}" },
        IReadOnlyList<string> texts => new() { ["texts"] = new JsonArray([.. texts.Select(text => (JsonNode)text)]) },
        IReadOnlyList<long> numbers => new() { ["bigints"] = new JsonArray([.. numbers.Select(number => (JsonNode)$"{number}")]) },
        _ when ReferenceEquals(value, CqlStatement.Unset) => new() { ["unset"] = true },
        _ => throw new InvalidOperationException($"{value.GetType()}"),
    };

    private static JsonNode? Plain(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        ReadOnlyMemory<byte> bytes => Convert.ToHexStringLower(bytes.Span),
        IReadOnlyList<string> texts => new JsonArray([.. texts.Select(text => (JsonNode)text)]),
        IReadOnlyList<long> numbers => new JsonArray([.. numbers.Select(number => (JsonNode)$"{number}")]),
        _ => $"{value}",
    };
}
