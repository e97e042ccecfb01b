namespace Meerkat.Xmpp;

/// <summary>What a data form is for (XEP-0004 §3.1).</summary>
public enum DataFormType
{
    /// <summary>To be filled out.</summary>
    Form,

    /// <summary>Filled out.</summary>
    Submit,

    /// <summary>Not to be filled out after all.</summary>
    Cancel,

    /// <summary>Data, such as what a search found.</summary>
    Result,
}
