using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>Serves the files of a folder, its <c>index.html</c> where none is named.</summary>
internal static class StaticFolder
{
    /// <summary>What serves a folder.</summary>
    public static RequestDelegate Serve(string folder, ILoggerFactory loggers)
    {
        var services = new ServiceCollection().AddSingleton(loggers).AddSingleton(typeof(ILogger<>), typeof(Logger<>)).AddOptions()
            .AddSingleton<Microsoft.AspNetCore.Hosting.IWebHostEnvironment>(new Nowhere(folder)).BuildServiceProvider();
        var application = new ApplicationBuilder(services);
        var files = new PhysicalFileProvider(folder);
        application.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        application.UseStaticFiles(new StaticFileOptions { FileProvider = files, ContentTypeProvider = new FileExtensionContentTypeProvider(), ServeUnknownFileTypes = true, DefaultContentType = "text/plain" });
        return application.Build();
    }

    // The framework's static files ask for an environment and then use the files that they were given.
    private sealed class Nowhere(string folder) : Microsoft.AspNetCore.Hosting.IWebHostEnvironment
    {
        public string WebRootPath { get; set; } = folder;

        public IFileProvider WebRootFileProvider { get; set; } = new NullFileProvider();

        public string ApplicationName { get; set; } = "meerkat";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();

        public string ContentRootPath { get; set; } = AppContext.BaseDirectory;

        public string EnvironmentName { get; set; } = "Production";
    }
}
