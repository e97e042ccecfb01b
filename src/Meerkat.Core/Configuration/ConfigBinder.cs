using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Meerkat.Core.Configuration;

/// <summary>Turns a table of the configuration into an immutable options record, and says everything that is wrong on the way.</summary>
/// <remarks>
/// <para>The record is the schema: a property is a key (<c>MaxStanzaSize</c> is <c>max_stanza_size</c>), its initialiser the default, <c>required</c> means mandatory,
/// a nested record is a table, an <see cref="IReadOnlyList{T}"/> a list, an <see cref="IReadOnlyDictionary{TKey, TValue}"/> a table of free names, an enum its members
/// in snake case, a <see cref="ConfigTable"/> whatever stands there. Bounds are attributes; rules that join keys are <see cref="IValidatableObject"/>.</para>
/// <para>What a record does not know is looked up in <see cref="KnownKeys"/>. Defaults are trusted: only what the file says is checked.</para>
/// </remarks>
public sealed class ConfigBinder
{
    private readonly ConfigErrors _errors;

    private ConfigBinder(ConfigErrors errors) => _errors = errors;

    /// <summary>Binds a table.</summary>
    /// <returns>The record, with the default where the file was wrong (so look at <paramref name="errors"/>); null when a mandatory key is absent or unusable.</returns>
    public static T? Bind<T>(ConfigTable table, ConfigErrors errors)
        where T : class => (T?)Bind(typeof(T), table, errors);

    /// <inheritdoc cref="Bind{T}(ConfigTable, ConfigErrors)"/>
    public static object? Bind(Type record, ConfigTable table, ConfigErrors errors) => new ConfigBinder(errors).BindTable(record, table);

    /// <summary>Says what is to be said of a module that is not among those that exist: it is known but not here, it is gone, or nobody knows it.</summary>
    /// <param name="name">The module's key.</param>
    /// <param name="table">Its section.</param>
    /// <param name="existing">The keys of the modules that exist, for a suggestion.</param>
    /// <param name="errors">Gets the finding.</param>
    public static void ReportModule(string name, ConfigTable table, IEnumerable<string> existing, ConfigErrors errors)
    {
        switch (KnownKeys.Find(table.Path))
        {
            case { Kind: KnownKeyKind.NotAvailable } known:
                errors.AddMissing(table.Position, table.Path, known.Reason);
                break;
            case { Kind: KnownKeyKind.Removed } known:
                errors.Add(table, $"is no longer a module: {known.Reason}", "unexpected_key");
                break;
            default:
                var near = NearestName.Find(name, existing.Concat(KnownKeys.Names("modules")).Order(StringComparer.Ordinal));
                errors.Add(table, near is null ? "unknown module" : $"unknown module; did you mean \"{near}\"?", "unexpected_key");
                break;
        }
    }

    private object? BindTable(Type record, ConfigTable table)
    {
        var properties = ConfigNaming.Settable(record).ToDictionary(ConfigNaming.KeyOf);
        var facts = properties.ToDictionary(p => p.Key, p => ConfigFacts.Of(p.Value));
        var values = new List<(PropertyInfo Property, object? Value)>();
        var errorsBefore = _errors.Count(ConfigProblemKind.Error);
        var missingBefore = _errors.Count(ConfigProblemKind.Missing);
        var complete = true;

        foreach (var key in table.Keys.OrderBy(k => facts.TryGetValue(k, out var f) && f.Mandatory ? 0 : 1))
        {
            var known = KnownKeys.Find(table.PathOf(key));
            var property = properties.GetValueOrDefault(key);
            if (TryBindKey(table, key, known, property, properties.Keys, values) || property is null || !facts[key].Mandatory)
            {
                continue;
            }

            complete = false;
            if (_errors.Count(ConfigProblemKind.Missing) > missingBefore)
            {
                // A table that asks for what is not here (a kind of database, say) is one finding: its other keys are not looked at.
                return null;
            }
        }

        var absent = facts.Where(f => f.Value.Mandatory && !table.Keys.Contains(f.Key)).ToArray();
        foreach (var (key, fact) in absent)
        {
            _errors.Add(table.Position, table.PathOf(key), $"must be given: {ConfigWording.Allowed(properties[key].PropertyType, fact)}", "missing_mandatory_keys");
        }

        if (!complete || absent is not [])
        {
            return null;
        }

        var options = Create(record, table, values);
        if (_errors.Count(ConfigProblemKind.Error) == errorsBefore && options is IValidatableObject rules)
        {
            CheckRules(rules, table);
        }

        return options;
    }

    private bool TryBindKey(ConfigTable table, string key, KnownKey? known, PropertyInfo? property, IEnumerable<string> allowed, List<(PropertyInfo, object?)> values)
    {
        var node = table[key];
        switch (known?.Kind)
        {
            case KnownKeyKind.NotAvailable when !AsksForNothing(node):
                _errors.AddMissing(node.Position, node.Path, known.Reason);
                return false;
            case KnownKeyKind.NotAvailable when property is null:
                return true;
            case KnownKeyKind.Removed:
                _errors.Add(node, $"is no longer a key: {known.Reason}", "unexpected_key");
                return false;
            case KnownKeyKind.GlobalOnly:
                _errors.Add(node, $"is not allowed in host_config: {known.Reason}", "not_allowed_in_host_config");
                return false;
            case KnownKeyKind.NoEffect:
                _errors.AddWithoutEffect(node.Position, node.Path, known.Reason);
                if (property is not null)
                {
                    break;
                }

                var shape = KnownKeys.ShapeOf(known);
                _ = Read(shape.PropertyType, ConfigFacts.Of(shape), node);
                return true;
            case null when property is null && node is ConfigTable section && KnownKeys.Below(section.Path):
                // No record knows this section, but keys in it are known.
                foreach (var below in section.Keys)
                {
                    TryBindKey(section, below, KnownKeys.Find(section.PathOf(below)), null, [], values);
                }

                return true;
            case null when property is null:
                ReportUnknown(node, key, allowed.Concat(KnownKeys.Names(table.Path)));
                return false;
        }

        if (!Read(property!.PropertyType, ConfigFacts.Of(property), node).IsBound(out var value))
        {
            return false;
        }

        values.Add((property, value));
        return true;
    }

    private void ReportUnknown(ConfigNode node, string key, IEnumerable<string> allowed)
    {
        var names = allowed.Distinct().Order(StringComparer.Ordinal).ToArray();
        var said = NearestName.Find(key, names) is { } near ? $"unknown key; did you mean \"{near}\"?"
            : names is [] ? "unknown key; no key is allowed here"
            : $"unknown key; allowed here: {string.Join(", ", names.Take(16))}{(names.Length > 16 ? ", …" : "")}";
        _errors.Add(node, said, "unexpected_key");
    }

    private ConfigReading Read(Type type, ConfigFacts facts, ConfigNode node)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(ConfigNode) || type == node.GetType())
        {
            return ConfigReading.Of(node);
        }

        if (ConfigWording.ConverterOf(type) is { } converter)
        {
            return converter.Convert(node) is { } converted ? ConfigReading.Of(converted) : Refuse(type, facts, node);
        }

        if (ConfigWording.ItemOf(type, typeof(IReadOnlyList<>)) is { } item)
        {
            return node is ConfigArray list ? ReadList(type, item, facts, list) : Refuse(type, facts, node);
        }

        if (node is ConfigTable table)
        {
            if (ConfigWording.ItemOf(type, typeof(IReadOnlyDictionary<,>)) is { } named)
            {
                return ReadDictionary(named, facts, table);
            }

            if (ConfigScalars.IsScalar(type))
            {
                return Refuse(type, facts, node);
            }

            return BindTable(type, table) is { } record ? ConfigReading.Of(record) : ConfigReading.None;
        }

        return node is ConfigValue value && ConfigScalars.IsScalar(type) ? ReadScalar(type, facts, value) : Refuse(type, facts, node);
    }

    private ConfigReading ReadScalar(Type type, ConfigFacts facts, ConfigValue node)
    {
        if (facts.Infinity && node.Value is "infinity")
        {
            return ConfigReading.Of(null);
        }

        if (type.IsEnum && ConfigNaming.Members(type).FirstOrDefault(m => node.Value.Equals(m.Name)).Field is { } member)
        {
            if (member.GetCustomAttribute<NotAvailableAttribute>() is not { } absent)
            {
                return ConfigReading.Of(member.GetValue(null));
            }

            _errors.AddMissing(node.Position, node.Path, $"\"{node.Value}\" is not available: {absent.Reason}");
            return ConfigReading.None;
        }

        if (!ConfigScalars.Read(type, facts, node.Value).IsBound(out var value))
        {
            return Refuse(type, facts, node);
        }

        foreach (var rule in facts.Others)
        {
            if (!rule.IsValid(value))
            {
                _errors.Add(node, rule.FormatErrorMessage(facts.Name));
                return ConfigReading.None;
            }
        }

        return ConfigReading.Of(value);
    }

    private ConfigReading ReadList(Type type, Type item, ConfigFacts facts, ConfigArray node)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        foreach (var entry in node.Items)
        {
            if (!Read(item, facts, entry).IsBound(out var value))
            {
                continue;
            }

            if (facts.Unique && list.Contains(value))
            {
                _errors.Add(entry, $"names the same twice: {entry.Found}", "list_not_unique");
                continue;
            }

            list.Add(value);
        }

        return facts.NonEmptyList && node.Items is [] ? Refuse(type, facts, node) : ConfigReading.Of(list);
    }

    private ConfigReading ReadDictionary(Type item, ConfigFacts facts, ConfigTable node)
    {
        var named = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), item), StringComparer.Ordinal)!;
        foreach (var key in node.Keys)
        {
            if (Read(item, facts, node[key]).IsBound(out var value))
            {
                named.Add(key, value);
            }
        }

        return ConfigReading.Of(named);
    }

    private ConfigReading Refuse(Type type, ConfigFacts facts, ConfigNode node)
    {
        var found = facts.Secret ? "something else" : node.Found;
        // A technical bound is said only to the one who meets it.
        var tooMuch = node is ConfigValue { Value: long n } && n > facts.Maximum && !facts.SaysMaximum && ConfigScalars.IsNumber(type) ? $" (at most {facts.Maximum})" : "";
        var near = node is ConfigValue { Value: string text } && type.IsEnum ? NearestName.Find(text, ConfigNaming.Members(type).Select(m => m.Name)) : null;
        var said = $"must be {ConfigWording.Allowed(type, facts)}; found {found}{tooMuch}{(near is null ? "" : $" (did you mean \"{near}\"?)")}";
        var reason = type.IsEnum ? "validate_enum_failed" : facts.Text?.Reason ?? "invalid_value";
        if (facts.Secret)
        {
            _errors.Add(node, said, reason);
        }
        else
        {
            _errors.AddValue(node, said, reason);
        }

        return ConfigReading.None;
    }

    private static object Create(Type record, ConfigTable table, IEnumerable<(PropertyInfo Property, object? Value)> values)
    {
        var options = Activator.CreateInstance(record)!;
        foreach (var (property, value) in values)
        {
            property.SetValue(options, value);
        }

        foreach (var place in record.GetProperties().Where(p => p.PropertyType == typeof(ConfigPosition) && p.CanWrite))
        {
            place.SetValue(options, table.Position);
        }

        return options;
    }

    private void CheckRules(IValidatableObject options, ConfigTable table)
    {
        foreach (var broken in options.Validate(new ValidationContext(options)))
        {
            var member = broken.MemberNames.FirstOrDefault() is { } name ? options.GetType().GetProperty(name) : null;
            var key = member is null ? null : ConfigNaming.KeyOf(member);
            var at = key is not null && table.TryGet(key, out var node) ? node.Position : table.Position;
            at = (broken as ConfigRule)?.Position ?? at;
            _errors.Add(at, key is null ? table.Path : table.PathOf(key), broken.ErrorMessage ?? "is not valid", (broken as ConfigRule)?.Reason ?? "invalid_value");
        }
    }

    // false and [] ask for nothing that could be missing.
    private static bool AsksForNothing(ConfigNode node) => node is ConfigValue { Value: false } or ConfigArray { Items: [] };
}
