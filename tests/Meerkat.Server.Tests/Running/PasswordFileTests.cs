using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Meerkat.Admin.Monitoring;
using Meerkat.Core.Hosts;
using Meerkat.Server.Running;
using Meerkat.Server.Tests.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Meerkat.Server.Tests.Running;

/// <summary>The administrator's password in a file of its own (<c>password_file</c>).</summary>
public sealed class PasswordFileTests
{
    private const string Toml = """
        [[listen.http]]
        port = 0
        ip_address = "127.0.0.1"
        handlers.mongoose_graphql_handler = [{host = "_", path = "/g", schema_endpoint = "admin", username = "boss", password_file = "boss.password"}]
        [auth.internal]
        """;

    [Fact]
    public async Task It_is_made_at_the_first_start_for_its_owner_alone_and_stays()
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("meerkat-password-").FullName);
        try
        {
            var file = Path.Combine(folder.Path, "boss.password");
            Assert.Equal(HttpStatusCode.OK, await AskAsync(folder, () => File.ReadAllText(file).Trim()));
            var made = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            Assert.Matches("^[0-9a-f]{64}\n$", made);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }

            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(folder, () => "guessed"));
            Assert.Equal(made, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            await File.WriteAllTextAsync(file, "  chosen \n", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, await AskAsync(folder, () => "chosen"));
            await File.WriteAllTextAsync(file, "\n", TestContext.Current.CancellationToken);
            Assert.Contains("holds no password", (await Assert.ThrowsAsync<StartException>(() => AskAsync(folder, () => ""))).Message);
        }
        finally
        {
            Directory.Delete(folder.Path, recursive: true);
        }
    }

    [Theory]
    [InlineData("username = \"a\", password = \"b\", password_file = \"c\"", "cannot stand beside password")]
    [InlineData("password_file = \"c\"", "wants both username and password")]
    [InlineData("username = \"a\"", "wants both username and password")]
    public void What_does_not_fit_together_is_refused(string keys, string said) =>
        Assert.Contains(said, Loading.With(Toml.Replace("username = \"boss\", password_file = \"boss.password\"", keys, StringComparison.Ordinal)).Said);

    private static async Task<HttpStatusCode> AskAsync(DataFolder folder, Func<string> password)
    {
        var configuration = Loading.With(Toml).Accepted;
        using var tail = new LogTail(TimeProvider.System);
        using var control = new ProgramControl(configuration, folder, new LogSwitch(LogThreshold.Warning), tail, TimeProvider.System);
        await using var server = new MeerkatServer(configuration, folder, TimeProvider.System, NullLoggerFactory.Instance, control);
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"boss:{password()}")));
        using var answer = await http.GetAsync(new Uri($"{Regex.Match(server.Listening[0], @"http://\S+").Value}?query={{server{{status{{version}}}}}}"), TestContext.Current.CancellationToken);
        await server.StopAsync();
        return answer.StatusCode;
    }
}
