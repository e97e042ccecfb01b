using Meerkat.Admin.GraphQL;
using Meerkat.Admin.GraphQL.Scalars;
using Meerkat.Core.Hosts;
using Meerkat.Modules.PrivateStorage;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>private</c> (GQA-PRIVATE-01 and 02).</summary>
internal sealed class PrivateCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        admin.Add("PrivateAdminQuery", "getPrivate", call => FindAsync(call.Jid("user"), call));
        admin.Add("PrivateAdminMutation", "setPrivate", call => SetAsync(call.Jid("user"), call));
        user.Add("PrivateUserQuery", "getPrivate", call => FindAsync(call.Self, call));
        user.Add("PrivateUserMutation", "setPrivate", call => SetAsync(call.Self, call));
    }

    private async ValueTask<object> FindAsync(Jid user, OperationCall call)
    {
        var (name, ns) = (call.Text("element"), call.Text("nameSpace"));
        try
        {
            return Of(user) is { } store && await store.GetAsync(user.Bare, name, ns, call.Ct) is { } found ? found : throw NotFound($"There is no account {user.Bare}");
        }
        catch (XmlFormatException)
        {
            throw NotFound($"{name} is no name of an element");
        }

        OperationException NotFound(string message) => new("not_found", message, ("user", user), ("element", name), ("subElement", ns));
    }

    private async ValueTask<object> SetAsync(Jid user, OperationCall call)
    {
        var element = call.Get<XmlInput>("elementString");
        var result = Of(user) is { } store ? await store.SetAsync(user.Bare, element.Element, call.Ct) : PrivateStorageResult.NotFound;
        return result is PrivateStorageResult.Ok
            ? element.Element
            : throw new OperationException("not_found", result is PrivateStorageResult.NoNamespace ? "The element has no namespace of its own" : $"There is no account {user.Bare}", ("user", user), ("element", element.Text));
    }

    private PrivateStorageOperations? Of(Jid user) => server.Domains.TryFindAccounts(user.Domain, out var domain) ? domain.Host.Operations<PrivateStorageOperations>() : null;
}
