using Xunit;

namespace Meerkat.Admin.Tests.Control;

/// <summary>Every operation, from outside: by <c>meerkatctl</c> against a server process.</summary>
public sealed class OperationTests(ControlFixture server)
{
    // an operation without a case fails. CLI-01 to CLI-05.
    [Fact]
    public async Task Every_operation_succeeds_and_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("meerkat-operations-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "users.csv"), "imported,localhost,secret\na,localhost,x\nbroken\n\"q\"\"\",localhost,x\nempty,localhost,\n", TestContext.Current.CancellationToken);
        await using var kicked = await server.ConnectAsync("b", "kicked");
        try
        {
            var cases = OperationCases.All(folder);
            var there = await OperationsAsync();
            Assert.Equal(there, cases.Select(found => found.Operation).Concat(OperationCases.OnTheirOwn).Order(StringComparer.Ordinal));
            var wrong = new List<string>();
            foreach (var found in cases)
            {
                var words = found.Operation.Split('.');
                if (found.Success is not null)
                {
                    var success = await server.RunAsync([.. words, .. found.Success]);
                    if (success.ExitCode != 0 || success.Code is not null || !success.Json.GetProperty("data").GetProperty(words[0]).TryGetProperty(words[1], out _))
                    {
                        wrong.Add($"{found.Operation} does not succeed: {success}");
                    }
                }

                var refusal = await server.RunAsync([.. words, .. found.Refusal]);
                if (refusal.ExitCode != 1 || (found.Code is null ? refusal.Output.Length > 0 : refusal.Code != found.Code))
                {
                    wrong.Add($"{found.Operation} is not refused with {found.Code}: {refusal}");
                }
            }

            Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<IEnumerable<string>> OperationsAsync()
    {
        var answer = await server.RunAsync("graphql", "{ __schema { queryType { name } mutationType { name } types { name fields { name type { name } } } } }");
        var schema = answer.Json.GetProperty("data").GetProperty("__schema");
        var types = schema.GetProperty("types").EnumerateArray().ToDictionary(type => type.GetProperty("name").GetString()!, type => type.GetProperty("fields"));
        return new[] { "queryType", "mutationType" }
            .SelectMany(root => types[schema.GetProperty(root).GetProperty("name").GetString()!].EnumerateArray())
            .Where(category => category.GetProperty("name").GetString() != "checkAuth")
            .SelectMany(category => types[category.GetProperty("type").GetProperty("name").GetString()!].EnumerateArray()
                .Select(operation => $"{category.GetProperty("name").GetString()}.{operation.GetProperty("name").GetString()}"))
            .Order(StringComparer.Ordinal);
    }
}
