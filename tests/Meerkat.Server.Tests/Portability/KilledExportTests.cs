using System.Diagnostics;
using System.Text;
using Meerkat.Hostile;
using Xunit;

namespace Meerkat.Server.Tests.Portability;

/// <summary>The program itself, killed while it exports.</summary>
public sealed class KilledExportTests : IDisposable
{
    private const int Messages = 12_000;
    private const int Attempts = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-killed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact] // XEP-0227 §4.9
    public async Task An_export_that_was_killed_goes_on_to_the_same_file()
    {
        await WriteAsync("in.xml");
        await RunAsync("import", "in.xml");
        await RunAsync("export", "whole.xml");

        var killed = false;
        for (var attempt = 0; attempt < Attempts && !killed; attempt++)
        {
            File.Delete(Of("out.xml"));
            killed = await KillAsync("export", "out.xml");
        }

        Assert.True(killed, "the export was always faster than the kill");
        Assert.False(File.Exists(Of("out.xml")));
        var said = await RunAsync("export", "out.xml");

        Assert.Contains("going on", said, StringComparison.Ordinal);
        var (whole, resumed) = (await File.ReadAllTextAsync(Of("whole.xml")), await File.ReadAllTextAsync(Of("out.xml")));
        Assert.True(whole == resumed, "the files differ");
        Assert.Equal(Messages, resumed.Split("<result ").Length - 1);
        Assert.Equal(["in.xml", "out.xml", "whole.xml"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(Of("out.xml")));
    }

    private string Of(string file) => Path.Combine(_folder, file);

    // A small account before the large one and one behind it.
    private async Task WriteAsync(string file)
    {
        await using var writer = new StreamWriter(Of(file), append: false, new UTF8Encoding(false));
        await writer.WriteAsync("<server-data xmlns='urn:xmpp:pie:0'><host jid='localhost'><user name='alice' password='a'/><user name='bob' password='b'><archive xmlns='urn:xmpp:pie:0#mam'>");
        for (var i = 0; i < Messages; i++)
        {
            await writer.WriteAsync(
                $"<result xmlns='urn:xmpp:mam:2' id='f{i}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='{DateTime.UnixEpoch.AddDays(20_000).AddSeconds(i):yyyy-MM-ddTHH:mm:ssZ}'/>"
                + $"<message xmlns='jabber:client' from='alice@localhost/r' to='bob@localhost' type='chat' id='{i}'><body>message {i}</body></message></forwarded></result>");
        }

        await writer.WriteAsync("</archive></user><user name='carol' password='c'><vCard xmlns='vcard-temp'><FN>Carol</FN></vCard></user></host></server-data>");
    }

    private Process Start(string verb, string file) =>
        Process.Start(new ProcessStartInfo(ServerProcess.Program(), [verb, file, "--data", Of("data")]) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true })!;

    private async Task<string> RunAsync(string verb, string file)
    {
        using var process = Start(verb, file);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var said = await output + await errors;
        Assert.True(process.ExitCode == 0, said);
        return said;
    }

    // False when it was faster.
    private async Task<bool> KillAsync(string verb, string file)
    {
        using var process = Start(verb, file);
        while (!process.HasExited && !File.Exists(Of(file + ".progress")))
        {
            await Task.Delay(1);
        }

        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return File.Exists(Of(file + ".progress")) && File.Exists(Of(file + ".part"));
    }
}
