using System.Linq.Expressions;
using LinqToDB.Mapping;
using Meerkat.Modules.VCard;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xml;

namespace Meerkat.Storage.Sql.VCard;

/// <summary>What searches look at: folded fields, empty where the vCard has none.</summary>
[Table("vcard_search")]
internal sealed record VCardSearchRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey]
    public long OwnerId { get; init; }

    [Column("username"), NotNull]
    public string Username { get; init; } = "";

    [Column("fn"), NotNull]
    public string FullName { get; init; } = "";

    [Column("given"), NotNull]
    public string Given { get; init; } = "";

    [Column("middle"), NotNull]
    public string Middle { get; init; } = "";

    [Column("family"), NotNull]
    public string Family { get; init; } = "";

    [Column("nickname"), NotNull]
    public string Nickname { get; init; } = "";

    [Column("bday"), NotNull]
    public string Birthday { get; init; } = "";

    [Column("ctry"), NotNull]
    public string Country { get; init; } = "";

    [Column("locality"), NotNull]
    public string Locality { get; init; } = "";

    [Column("email"), NotNull]
    public string Email { get; init; } = "";

    [Column("orgname"), NotNull]
    public string OrganisationName { get; init; } = "";

    [Column("orgunit"), NotNull]
    public string OrganisationUnit { get; init; } = "";

    public static VCardSearchRow Of(long owner, string username, XmlElement vcard) => new()
    {
        OwnerId = owner,
        Username = username,
        FullName = VCardIndex.Folded(vcard, VCardField.FullName),
        Given = VCardIndex.Folded(vcard, VCardField.Given),
        Middle = VCardIndex.Folded(vcard, VCardField.Middle),
        Family = VCardIndex.Folded(vcard, VCardField.Family),
        Nickname = VCardIndex.Folded(vcard, VCardField.Nickname),
        Birthday = VCardIndex.Folded(vcard, VCardField.Birthday),
        Country = VCardIndex.Folded(vcard, VCardField.Country),
        Locality = VCardIndex.Folded(vcard, VCardField.Locality),
        Email = VCardIndex.Folded(vcard, VCardField.Email),
        OrganisationName = VCardIndex.Folded(vcard, VCardField.OrganisationName),
        OrganisationUnit = VCardIndex.Folded(vcard, VCardField.OrganisationUnit),
    };

    public VCardSearchRow For(long owner) => this with { OwnerId = owner };

    /// <summary>A criterion as a condition on rows. The texts are parameters, never part of the SQL.</summary>
    public static Expression<Func<VCardSearchRow, bool>> Where(VCardCriterion criterion)
    {
        var row = Expression.Parameter(typeof(VCardSearchRow), "row");
        var column = Expression.Property(row, criterion.Field is VCardField.User ? nameof(Username) : criterion.Field.ToString());
        var text = criterion.Text;
        var end = text + Last;
        Expression<Func<string, bool>> condition = criterion.IsPrefix
            ? value => string.CompareOrdinal(value, text) >= 0 && string.CompareOrdinal(value, end) < 0 // a range, not LIKE: no wildcards, no folding
            : value => value == text;
        return Expression.Lambda<Func<VCardSearchRow, bool>>(new Put(condition.Parameters[0], column).Visit(condition.Body), row);
    }

    /// <summary>Behind every text that begins with a prefix, in UTF-8's order: a noncharacter, which XML does not hold.</summary>
    private const string Last = "\U0010FFFF";

    private sealed class Put(ParameterExpression parameter, Expression by) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? by : node;
    }
}
