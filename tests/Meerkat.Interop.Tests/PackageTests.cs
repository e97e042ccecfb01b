using System.Diagnostics;

namespace Meerkat.Interop.Tests;

/// <summary>The Debian package, installed by dpkg where no .NET is.</summary>
public sealed class PackageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task The_package_installs_serves_upgrades_and_goes_and_an_image_of_it_starts()
    {
        Programs.Need("dpkg-deb", "dpkg");
        Programs.Need("unshare", "util-linux");
        Programs.Need("go-sendxmpp", "go-sendxmpp");
        Programs.Need("buildah", "buildah");
        Programs.NeedRoot();
        var folder = Directory.CreateTempSubdirectory("meerkat-package-").FullName;
        try
        {
            await RunAsync(Path.Combine(Root(), "packaging", "deb"), folder);
            var package = Assert.Single(Directory.GetFiles(folder, "*.deb"));
            var steps = await RunAsync(Path.Combine(AppContext.BaseDirectory, "clients", "install_package.sh"), package);
            Assert.Equal(["installed", "started", "used", "upgraded", "removed"], Seen(steps));

            await RunAsync(Path.Combine(Root(), "packaging", "oci"), folder, package);
            steps = await RunAsync(Path.Combine(AppContext.BaseDirectory, "clients", "start_image.sh"), Assert.Single(Directory.GetFiles(folder, "*.oci.tar")));
            Assert.Equal(["started", "used", "stopped"], Seen(steps));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Seen(string[] lines) => lines.Where(line => line.StartsWith("seen: ", StringComparison.Ordinal)).Select(line => line[6..]);

    private static async Task<string[]> RunAsync(string program, string argument, string? package = null)
    {
        var start = new ProcessStartInfo("bash", [program, argument]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["MEERKAT_DEB_COMPRESSION"] = "zstd:1";
        start.Environment["MEERKAT_PACKAGE"] = package;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = await process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, $"{Path.GetFileName(program)} ended with {process.ExitCode}\n{await output}\n{errors}");
            return (await output).Split('\n');
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Meerkat.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
