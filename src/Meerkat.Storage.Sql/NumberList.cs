using LinqToDB.Data;

namespace Meerkat.Storage.Sql;

/// <summary>A list of numbers for <c>IN</c>, as parameters, of one of a few lengths.</summary>
/// <remarks>A text for each list would be a new statement to the database and to linq2db, which both keep what they made of one: with origin ids on all messages that was a third of what archiving cost.</remarks>
internal static class NumberList
{
    private const int Longest = 1024;
    private static readonly string[] s_names = [.. Enumerable.Range(0, Longest).Select(place => $"n{place}")];
    private static readonly string[] s_texts = [.. Enumerable.Range(0, 11).Select(power => string.Join(", ", Enumerable.Range(0, 1 << power).Select(place => $"@n{place}")))];

    /// <summary>Adds the numbers to the parameters.</summary>
    /// <param name="numbers">One at least. More than a thousand are written out.</param>
    /// <param name="parameters">Where the statement's parameters are gathered.</param>
    /// <returns>What stands between the parentheses: as many places as the next power of two, of which the last ones all hold the last number.</returns>
    public static string Of(IReadOnlyList<long> numbers, List<DataParameter> parameters)
    {
        if (numbers.Count > Longest)
        {
            return string.Join(", ", numbers);
        }

        var power = System.Numerics.BitOperations.Log2((uint)numbers.Count * 2 - 1);
        for (var i = 0; i < 1 << power; i++)
        {
            parameters.Add(new DataParameter(s_names[i], numbers[Math.Min(i, numbers.Count - 1)], LinqToDB.DataType.Int64));
        }

        return s_texts[power];
    }
}
