using System.Text.RegularExpressions;
using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra.Tests.Double;

/// <summary>Reads the part of CQL that the stores and the drivers' own queries use; all else is a syntax error.</summary>
internal sealed partial class CqlParser
{
    private readonly List<string> _tokens;
    private int _at;
    private int _markers;

    private CqlParser(string text) => _tokens = [.. Tokens(text)];

    /// <summary>How many values the statement wants.</summary>
    public int Markers => _markers;

    public static (Statement Statement, int Markers) Parse(string text)
    {
        var parser = new CqlParser(text);
        var statement = parser.Statement();
        parser.Take(";");
        return parser._at == parser._tokens.Count ? (statement, parser._markers) : throw parser.Unexpected();
    }

    /// <summary>A type by its name.</summary>
    public static CqlType ParseType(string text) => new CqlParser(text).Type();

    private static IEnumerable<string> Tokens(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var match = Token().Match(text, at);
            if (!match.Success || match.Index != at)
            {
                throw DoubleException.Syntax($"line 1:{at} no viable alternative at character '{text[at]}'");
            }

            at += match.Length;
            if (!char.IsWhiteSpace(match.Value[0]) && !match.Value.StartsWith("--", StringComparison.Ordinal))
            {
                yield return match.Value;
            }
        }
    }

    private Statement Statement()
    {
        if (Take("SELECT"))
        {
            return Select();
        }

        if (Take("INSERT"))
        {
            return Insert();
        }

        if (Take("UPDATE"))
        {
            return Update();
        }

        if (Take("DELETE"))
        {
            Need("FROM");
            var (keyspace, table) = TableName();
            var timestamp = Using();
            return new Delete(keyspace, table, Where(), timestamp);
        }

        if (Take("USE"))
        {
            return new Use(Name());
        }

        if (Take("DROP"))
        {
            Need("KEYSPACE");
            var ifExists = Take("IF") && Take("EXISTS");
            return new DropKeyspace(Name(), ifExists);
        }

        Need("CREATE");
        return Take("KEYSPACE") ? CreateKeyspace() : CreateTable();
    }

    private Select Select()
    {
        List<string>? columns = null;
        var isCount = false;
        if (Take("COUNT"))
        {
            Need("(");
            if (!Take("*"))
            {
                Need("1");
            }

            Need(")");
            isCount = true;
        }
        else if (!Take("*"))
        {
            columns = [Name()];
            while (Take(","))
            {
                columns.Add(Name());
            }
        }

        Need("FROM");
        var (keyspace, table) = TableName();
        var where = Peek("WHERE") ? Where() : [];
        var order = new List<(string, bool)>();
        if (Take("ORDER"))
        {
            Need("BY");
            do
            {
                var column = Name();
                order.Add((column, Take("DESC") || (Take("ASC") && false)));
            }
            while (Take(","));
        }

        var limit = Take("LIMIT") ? Term() : null;
        var filters = Take("ALLOW");
        if (filters)
        {
            Need("FILTERING");
        }

        return new Select(keyspace, table, columns, isCount, where, order, limit, filters);
    }

    private Insert Insert()
    {
        Need("INTO");
        var (keyspace, table) = TableName();
        var columns = Names();
        Need("VALUES");
        var values = Terms();
        if (values.Count != columns.Count)
        {
            throw DoubleException.Invalid("Unmatched column names/values");
        }

        return new Insert(keyspace, table, [.. columns.Zip(values)], Using());
    }

    private Update Update()
    {
        var (keyspace, table) = TableName();
        var timestamp = Using();
        Need("SET");
        var values = new List<(string, Term)>();
        do
        {
            var column = Name();
            Need("=");
            values.Add((column, Term()));
        }
        while (Take(","));
        return new Update(keyspace, table, values, Where(), timestamp);
    }

    private CreateKeyspace CreateKeyspace()
    {
        var ifNotExists = IfNotExists();
        var name = Name();
        Need("WITH");
        Need("replication");
        Need("=");
        var replication = Term() as MapLiteral ?? throw Unexpected();
        if (Take("AND"))
        {
            Need("durable_writes");
            Need("=");
            Term();
        }

        return new CreateKeyspace(name, ifNotExists, replication.Items.ToDictionary(item => Text(item.Key), item => Text(item.Value)));

        string Text(Term term) => term switch
        {
            TextLiteral text => text.Text,
            WordLiteral word => word.Word,
            _ => throw Unexpected(),
        };
    }

    private CreateTable CreateTable()
    {
        Need("TABLE");
        var ifNotExists = IfNotExists();
        var (keyspace, table) = TableName();
        var columns = new List<(string, CqlType, string)>();
        List<string>? partition = null;
        List<string> clustering = [];
        Need("(");
        do
        {
            if (Take("PRIMARY"))
            {
                Need("KEY");
                Need("(");
                partition = Peek("(") ? Names() : [Name()];
                while (Take(","))
                {
                    clustering.Add(Name());
                }

                Need(")");
            }
            else
            {
                var name = Name();
                var began = _at;
                var type = Type();
                columns.Add((name, type, string.Concat(_tokens[began.._at]).Replace(",", ", ", StringComparison.Ordinal)));
                if (Take("PRIMARY"))
                {
                    Need("KEY");
                    partition = [name];
                }
            }
        }
        while (Take(","));
        Need(")");
        return new CreateTable(keyspace, table, ifNotExists, columns, partition ?? throw DoubleException.Invalid("No PRIMARY KEY specifed (exactly one required)"), clustering);
    }

    private CqlType Type()
    {
        var name = Name().ToLowerInvariant();
        if (name is "frozen")
        {
            Need("<");
            var inner = Type();
            Need(">");
            return inner;
        }

        if (name is "list" or "set" or "map" or "tuple")
        {
            Need("<");
            var of = new List<CqlType> { Type() };
            while (Take(","))
            {
                of.Add(Type());
            }

            Need(">");
            return new CqlType(Enum.Parse<CqlTypeCode>(name, ignoreCase: true), [.. of]);
        }

        return name is "text" ? new CqlType(CqlTypeCode.Varchar)
            : Enum.TryParse<CqlTypeCode>(name, ignoreCase: true, out var code) && code is not (CqlTypeCode.Custom or CqlTypeCode.UserDefined) ? new CqlType(code)
            : throw DoubleException.Invalid($"Unknown type {name}");
    }

    private bool IfNotExists()
    {
        if (!Take("IF"))
        {
            return false;
        }

        Need("NOT");
        Need("EXISTS");
        return true;
    }

    private Term? Using()
    {
        if (!Take("USING"))
        {
            return null;
        }

        Need("TIMESTAMP");
        return Term();
    }

    private List<Relation> Where()
    {
        Need("WHERE");
        var relations = new List<Relation>();
        do
        {
            var isTuple = Peek("(");
            var columns = isTuple ? Names() : [Name()];
            var comparison = _at < _tokens.Count ? _tokens[_at++].ToUpperInvariant() : "";
            if (comparison is not ("=" or "<" or ">" or "<=" or ">=" or "IN"))
            {
                _at--;
                throw Unexpected();
            }

            relations.Add(new Relation(columns, comparison, isTuple || (comparison is "IN" && Peek("(")) ? Terms() : [Term()]));
        }
        while (Take("AND"));
        return relations;
    }

    private List<string> Names()
    {
        Need("(");
        var names = new List<string> { Name() };
        while (Take(","))
        {
            names.Add(Name());
        }

        Need(")");
        return names;
    }

    private List<Term> Terms()
    {
        Need("(");
        var terms = Items(")");
        Need(")");
        return terms;
    }

    private List<Term> Items(string end)
    {
        var terms = new List<Term>();
        if (!Peek(end))
        {
            do
            {
                terms.Add(Term());
            }
            while (Take(","));
        }

        return terms;
    }

    private Term Term()
    {
        if (Take("?"))
        {
            return new Marker(_markers++, null);
        }

        if (Take(":"))
        {
            return new Marker(_markers++, Name());
        }

        if (Take("["))
        {
            var items = Items("]");
            Need("]");
            return new ListLiteral(items);
        }

        if (Take("{"))
        {
            return Braces();
        }

        var token = _at < _tokens.Count ? _tokens[_at++] : throw Unexpected();
        return token[0] == '\'' ? new TextLiteral(token[1..^1].Replace("''", "'", StringComparison.Ordinal))
            : token.Equals("null", StringComparison.OrdinalIgnoreCase) ? new NullLiteral()
            : char.IsLetterOrDigit(token[0]) || token[0] is '-' ? new WordLiteral(token)
            : throw Unexpected(-1);
    }

    private Term Braces()
    {
        if (Take("}"))
        {
            return new MapLiteral([]);
        }

        var first = Term();
        if (!Take(":"))
        {
            var items = new List<Term> { first };
            while (Take(","))
            {
                items.Add(Term());
            }

            Need("}");
            return new ListLiteral(items);
        }

        var pairs = new List<(Term, Term)> { (first, Term()) };
        while (Take(","))
        {
            var key = Term();
            Need(":");
            pairs.Add((key, Term()));
        }

        Need("}");
        return new MapLiteral(pairs);
    }

    private (string? Keyspace, string Table) TableName()
    {
        var name = Name();
        return Take(".") ? (name, Name()) : (null, name);
    }

    private string Name()
    {
        var token = _at < _tokens.Count ? _tokens[_at++] : throw Unexpected();
        return token[0] == '"' ? token[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal)
            : char.IsLetter(token[0]) ? token.ToLowerInvariant()
            : throw Unexpected(-1);
    }

    private bool Peek(string token) => _at < _tokens.Count && _tokens[_at].Equals(token, StringComparison.OrdinalIgnoreCase);

    private bool Take(string token)
    {
        var found = Peek(token);
        _at += found ? 1 : 0;
        return found;
    }

    private void Need(string token)
    {
        if (!Take(token))
        {
            throw Unexpected();
        }
    }

    private DoubleException Unexpected(int shift = 0) =>
        DoubleException.Syntax(_at + shift < _tokens.Count ? $"no viable alternative at input '{_tokens[_at + shift]}'" : "mismatched input '<EOF>'");

    [GeneratedRegex("""\s+|--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|0[xX][0-9a-fA-F]*|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|[A-Za-z][A-Za-z0-9_]*|<=|>=|[-=<>(),.;?:*{}\[\]]""")]
    private static partial Regex Token();
}
