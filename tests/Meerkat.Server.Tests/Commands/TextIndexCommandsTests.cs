using System.Diagnostics;
using Meerkat.Hostile;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Server.Tests.Commands;

/// <summary><c>meerkat database text-index</c> beside a server that runs (MAM-041).</summary>
[Collection("Server processes under load")] // one at a time
public sealed class TextIndexCommandsTests
{
    [Fact]
    public async Task Searches_of_a_running_server_find_the_same_before_with_and_after_it()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var client = await TestClient.ConnectAsync(server.StartTls, ServerProcess.Domain);
        await client.LogInAsync("a", ServerProcess.Domain, ServerProcess.Password);
        await client.BindAsync();
        await SayAsync("one", "a brown dog");
        await SayAsync("two", "the Brownie \"AND\" -fox*");
        await SayAsync("three", "nothing");
        Assert.Equal(["one", "two"], await FindAsync("rown"));

        Assert.Contains("archive_message: none", await RunAsync("status"));
        Assert.Contains("archive_message: there, and used by searches", await RunAsync("create"));
        Assert.Equal(["one", "two"], await FindAsync("rown"));
        await SayAsync("four", "BROWN bread");
        Assert.Equal(["one", "two", "four"], await FindAsync("rown"));
        Assert.Equal(["two"], await FindAsync("\"and\" brown"));
        Assert.Contains("archive_message: none", await RunAsync("drop"));
        await SayAsync("five", "brown");
        Assert.Equal(["one", "two", "four", "five"], await FindAsync("rown"));
        Assert.Empty(server.Errors);

        async Task SayAsync(string id, string text)
        {
            await client.SendAsync($"<message to='b@{ServerProcess.Domain}' type='chat' id='{id}'><body>{text.Replace("\"", "&quot;", StringComparison.Ordinal)}</body></message>");
        }

        async Task<List<string>> FindAsync(string text)
        {
            var ids = new List<string>();
            await client.SendAsync($"<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field><field var='{{urn:xmpp:fulltext:0}}fulltext'><value>{text.Replace("\"", "&quot;", StringComparison.Ordinal)}</value></field></x></query></iq>");
            await client.ReceiveAsync(element =>
            {
                if (element.Child("result", Ns.Mam) is { } result)
                {
                    ids.Add(result.FirstChild!.Value.Child("message", Ns.Client)!.Value.Attribute("id")!);
                }

                return element.Attribute("id") == "q";
            });
            return ids;
        }

        async Task<string> RunAsync(string verb)
        {
            var start = new ProcessStartInfo(ServerProcess.Program(), ["database", "text-index", verb, "--config", Path.Combine(server.DataFolder, "..", "meerkat.toml"), "--data", server.DataFolder, "--allow-missing"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            var said = await output;
            Assert.True(process.ExitCode == 0, said + await errors);
            return said;
        }
    }
}
