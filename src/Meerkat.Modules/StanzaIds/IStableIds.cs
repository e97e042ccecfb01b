namespace Meerkat.Modules.StanzaIds;

/// <summary>Says that every message has its <see cref="Xmpp.Message.StableId"/>, and recipients see it, before anybody archives it: an archive uses that id and adds none (SID-002).</summary>
public interface IStableIds;
