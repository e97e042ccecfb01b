using System.Data.Common;
using LinqToDB.Common;
using LinqToDB.Interceptors;
using MySqlConnector;

namespace Meerkat.Storage.Sql.MySql;

/// <summary>Prepares what one connection asks for the second time (CONF-143). Npgsql does so by itself; MySqlConnector has to be told, and remembers by the text.</summary>
/// <remarks>As safe for concurrent use as its connection: not at all. Texts that differ only by the length of a list must not fill the server's memory: there is a bound.</remarks>
internal sealed class PreparedTexts : CommandInterceptor
{
    private const int Bound = 200;

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _prepared = new(StringComparer.Ordinal);

    public override async Task<Option<int>> ExecuteNonQueryAsync(CommandEventData eventData, DbCommand command, Option<int> result, CancellationToken cancellationToken)
    {
        await PrepareAsync(command, cancellationToken);
        return result;
    }

    public override async Task<Option<object?>> ExecuteScalarAsync(CommandEventData eventData, DbCommand command, Option<object?> result, CancellationToken cancellationToken)
    {
        await PrepareAsync(command, cancellationToken);
        return result;
    }

    public override async Task<Option<DbDataReader>> ExecuteReaderAsync(
        CommandEventData eventData, DbCommand command, System.Data.CommandBehavior commandBehavior, Option<DbDataReader> result, CancellationToken cancellationToken)
    {
        await PrepareAsync(command, cancellationToken);
        return result;
    }

    private Task PrepareAsync(DbCommand command, CancellationToken ct)
    {
        var text = command.CommandText;
        if (!_prepared.Contains(text))
        {
            if (_prepared.Count == Bound || _seen.Add(text))
            {
                if (_seen.Count > 10 * Bound)
                {
                    _seen.Clear();
                }

                return Task.CompletedTask;
            }

            _prepared.Add(text);
        }

        return ((MySqlCommand)command).PrepareAsync(ct);
    }
}
