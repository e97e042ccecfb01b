using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Meerkat.Connections.Tests.Tls;

/// <summary>TLS clients that others wrote: each connects, says what it sees of the channel, and ends.</summary>
internal static class ForeignClient
{
    /// <summary>OpenSSL's own client; gives the exported keying material in hexadecimal.</summary>
    public static async Task<string> OpenSslExporterAsync(int port, params string[] options)
    {
        string[] arguments = ["s_client", "-connect", $"127.0.0.1:{port}", "-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32", .. options];
        var output = await RunAsync("openssl", arguments);
        var line = Assert.Single(output.Split('\n'), static l => l.Contains("Keying material:", StringComparison.Ordinal));
        return line.Split(':')[1].Trim();
    }

    /// <summary>Python's <c>ssl</c> module; gives <c>tls-unique</c> of each connection in hexadecimal, and whether its session was a resumed one.</summary>
    /// <param name="port">Where to connect.</param>
    /// <param name="connections">How many connections; each after the first tries to resume the session of the first.</param>
    /// <param name="version">The highest version of TLS, a member of <c>ssl.TLSVersion</c>.</param>
    /// <param name="options">Added to <c>SSLContext.options</c>.</param>
    public static async Task<(string Unique, bool Resumed)[]> PythonUniqueAsync(int port, int connections = 1, long options = 0, string version = "TLSv1_2")
    {
        var script = $"""
            import socket, ssl
            c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            c.check_hostname = False
            c.verify_mode = ssl.CERT_NONE
            c.maximum_version = ssl.TLSVersion.{version}
            c.options |= {options}
            session = None
            for i in range({connections}):
                with c.wrap_socket(socket.create_connection(('127.0.0.1', {port}), 20), server_hostname='localhost', session=session) as s:
                    print(s.get_channel_binding('tls-unique').hex(), s.session_reused)
                    s.recv(1)
                    session = session or s.session
            """;
        var output = await RunAsync("python3", ["-c", script]);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split(' ')).Select(static p => (p[0], p[1] == "True"))];
    }

    /// <summary>Runs a program to its end; skips the test where it is not installed.</summary>
    public static async Task<string> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(output.Length > 0, await errors);
            return output;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is not installed");
            throw;
        }
    }
}
