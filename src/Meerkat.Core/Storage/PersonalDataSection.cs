namespace Meerkat.Core.Storage;

/// <summary>A table of personal data, as text that a person can read.</summary>
/// <param name="Name">What it is, in lower case with underscores: <c>roster</c>, <c>private</c>, <c>vcard</c>. Becomes a file name.</param>
/// <param name="Columns">The heading.</param>
/// <param name="Rows">The rows, each with one text per column. Times are XEP-0082 date-times, XML stands as it is stored.</param>
public sealed record PersonalDataSection(string Name, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
