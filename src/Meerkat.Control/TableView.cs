using System.Text.Json;
using Spectre.Console;

namespace Meerkat.Control;

/// <summary>Shows a result to people: a list of objects as a table, an object as its fields, anything else as its text.</summary>
internal static class TableView
{
    // Nothing is cut off for another program.
    private const int WidthOfPipe = 1000;

    /// <summary>Shows the whole answer to an operation: its result, and its errors on standard error.</summary>
    public static void Show(JsonElement answer, string category, string operation)
    {
        if (answer.TryGetProperty("errors", out var errors))
        {
            foreach (var error in errors.EnumerateArray())
            {
                var code = error.TryGetProperty("extensions", out var extensions) && extensions.TryGetProperty("code", out var text) ? text.GetString() : "error";
                Console.Error.WriteLine($"{code}: {Printable(error.GetProperty("message").GetString()!)}");
            }
        }

        if (answer.TryGetProperty("data", out var data) && data.ValueKind is JsonValueKind.Object && data.TryGetProperty(category, out var found) && found.ValueKind is JsonValueKind.Object
            && found.TryGetProperty(operation, out var result) && result.ValueKind is not JsonValueKind.Null)
        {
            Show(result);
        }
    }

    private static void Show(JsonElement result)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = WidthOfPipe;
        }

        var items = result.ValueKind is JsonValueKind.Array ? result.EnumerateArray().ToList() : null;
        if (items is not null && items.Exists(item => item.ValueKind is JsonValueKind.Object))
        {
            var table = new Table().Border(TableBorder.Rounded);
            var columns = items.First(item => item.ValueKind is JsonValueKind.Object).EnumerateObject().Select(field => field.Name).ToList();
            foreach (var column in columns)
            {
                table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap());
            }

            foreach (var item in items)
            {
                table.AddRow([.. columns.Select(column => Markup.Escape(item.ValueKind is JsonValueKind.Object && item.TryGetProperty(column, out var value) ? Text(value) : ""))]);
            }

            AnsiConsole.Write(table);
        }
        else if (items is not null)
        {
            foreach (var item in items)
            {
                Console.WriteLine(Text(item));
            }
        }
        else if (result.ValueKind is JsonValueKind.Object)
        {
            var grid = new Grid().AddColumn().AddColumn();
            foreach (var field in result.EnumerateObject().Where(field => field.Value.ValueKind is not JsonValueKind.Null))
            {
                grid.AddRow(Markup.Escape(field.Name), Markup.Escape(Text(field.Value)));
            }

            AnsiConsole.Write(grid);
        }
        else
        {
            Console.WriteLine(Text(result));
        }
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => Printable(value.GetString()!),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Text)),
        JsonValueKind.Object => string.Join(", ", value.EnumerateObject().Where(field => field.Value.ValueKind is not JsonValueKind.Null).Select(field => $"{field.Name} {Text(field.Value)}")),
        _ => value.GetRawText(),
    };

    // Users choose much of what is shown here, and an administrator's terminal obeys control characters.
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c));
}
