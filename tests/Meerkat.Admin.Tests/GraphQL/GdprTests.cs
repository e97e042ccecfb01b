using System.IO.Compression;
using System.Text.Json;
using Meerkat.Admin.GraphQL;
using Xunit;

namespace Meerkat.Admin.Tests.GraphQL;

/// <summary>Personal data as files (GQA-GDPR-01): where they may go depends on who asks.</summary>
public sealed class GdprTests
{
    [Fact]
    public async Task The_administrator_of_a_domain_names_a_file_and_no_place()
    {
        await using var api = await StartAsync();
        Assert.Null(Code(await AskAsync(api, "ann.zip", ApiFixture.DomainAdmin)));
        var file = Path.Combine(api.DataFolder, "personal-data", "one.test", "ann.zip");
        using (var zip = await ZipFile.OpenReadAsync(file, TestContext.Current.CancellationToken))
        {
            Assert.Contains(zip.Entries, entry => entry.Name == "roster.csv");
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        }

        Assert.Equal("file_already_exist_error", Code(await AskAsync(api, "ann.zip", ApiFixture.DomainAdmin)));
        Assert.Equal("user_does_not_exist_error", Code(await AskAsync(api, "nobody.zip", ApiFixture.DomainAdmin, "nobody")));
    }

    [Theory] // neither written nor told whether it is there
    [InlineData("/etc/passwd")]
    [InlineData("/tmp")]
    [InlineData("../ann.zip")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("a/b.zip")]
    [InlineData("a\\b.zip")]
    [InlineData("c:b.zip")]
    public async Task A_way_to_another_folder_is_no_name_for_the_administrator_of_a_domain(string name)
    {
        await using var api = await StartAsync();
        Assert.Equal("wrong_filename_error", Code(await AskAsync(api, name, ApiFixture.DomainAdmin)));
        Assert.Empty(Directory.EnumerateFiles(api.DataFolder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_administrator_of_the_server_names_any_place()
    {
        await using var api = await StartAsync();
        var file = Path.Combine(api.DataFolder, "anywhere.zip");
        Assert.Null(Code(await AskAsync(api, file, ApiFixture.Admin)));
        Assert.True(File.Exists(file));
        Assert.Equal("location_is_a_directory_error", Code(await AskAsync(api, api.DataFolder, ApiFixture.Admin)));
    }

    private static async Task<ApiFixture> StartAsync()
    {
        var api = await ApiFixture.StartAsync();
        await api.Server.Accounts.AddAsync("ann@one.test", "secret");
        await api.Server.Accounts.AddAsync("bob@one.test", "secret");
        await api.AskAsync("mutation { roster { addContact(user: \"ann@one.test\", contact: \"bob@one.test\") } }");
        return api;
    }

    private static async Task<JsonElement> AskAsync(ApiFixture api, string file, ApiCaller caller, string user = "ann") =>
        (await api.AskAsync("query ($file: String!, $user: UserName!) { gdpr { retrievePersonalData(username: $user, domain: \"one.test\", resultFilepath: $file) } }", caller, JsonSerializer.Serialize(new { file, user }))).Body;

    private static string? Code(JsonElement body) => body.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("extensions").GetProperty("code").GetString() : null;
}
