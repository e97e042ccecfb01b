using System.Data.Common;
using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Mam.TextSearch;

/// <summary>The index over the texts of archives, as one kind of database has it.</summary>
/// <remarks>
/// It may find too much and never too little, because every search compares the words as well: results are the same with it and without. The database keeps it as the table changes, whoever changes it;
/// where there is none, writing costs nothing.
/// </remarks>
internal abstract class TextIndex
{
    /// <summary>The shortest word that it helps to find, in characters.</summary>
    protected const int ShortestWord = 3;

    /// <summary>What a search is narrowed by. Asked at each search, so that no server has to be told of a new index, or of one that is gone.</summary>
    /// <param name="session">A read.</param>
    /// <param name="table">Which messages.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="words">What is searched for.</param>
    /// <param name="ct">Cancels it.</param>
    /// <returns>Null where the database finds its index by itself, where there is none, and where no word is long enough.</returns>
    public virtual ValueTask<TextFilter?> FilterAsync(SqlSession session, string table, BareJid owner, IReadOnlyList<string> words, CancellationToken ct) => default;

    /// <summary>Whether a search with a filter failed because the index was taken away meanwhile, or is damaged: without it, it does not.</summary>
    public virtual bool IsGone(DbException failure) => false;

    /// <summary>As <see cref="TextIndexOperations.StatusAsync"/>.</summary>
    public abstract Task<TextIndexState> StateAsync(SqlDatabase database, string table, CancellationToken ct);

    /// <summary>As <see cref="TextIndexOperations.CreateAsync"/>.</summary>
    public abstract Task CreateAsync(SqlDatabase database, string table, Action<string> progress, CancellationToken ct);

    /// <summary>As <see cref="TextIndexOperations.DropAsync"/>.</summary>
    public abstract Task DropAsync(SqlDatabase database, string table, CancellationToken ct);

    /// <summary>Those that are long enough.</summary>
    protected static IEnumerable<string> LongOnes(IEnumerable<string> words) => words.Where(word => word.EnumerateRunes().Take(ShortestWord).Count() == ShortestWord);

    /// <summary>All pieces of three characters of a word.</summary>
    protected static IEnumerable<string> Trigrams(string word)
    {
        Rune[] runes = [.. word.EnumerateRunes()];
        for (var i = 0; i + ShortestWord <= runes.Length; i++)
        {
            yield return string.Concat(runes[i..(i + ShortestWord)]);
        }
    }
}

/// <summary>How a statement names an index over texts.</summary>
/// <param name="Condition">A condition with the parameter <c>@match</c>.</param>
/// <param name="Match">Its value.</param>
internal sealed record TextFilter(string Condition, string Match);
