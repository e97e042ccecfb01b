using Meerkat.Core.Sessions;

namespace Meerkat.Modules.Mam;

/// <summary>Who may be sending again what was sent before (MAM-016).</summary>
/// <remarks>
/// A client whose connection was cut sends again what was not acknowledged, and does so before anything else when it is back: only then is a message looked for in the archive, so that its copy keeps
/// the id that it has there. The same message sent later is one row too, as stores see to.
/// </remarks>
internal static class Resending
{
    private const uint FirstStanzas = 500;
    private static readonly TimeSpan s_firstMinute = TimeSpan.FromMinutes(1);

    /// <summary>Whether a message may be in the archive already.</summary>
    /// <param name="origin">The session that sent it; null when none did.</param>
    /// <param name="originId">By which it would be found; null when its client gave none.</param>
    public static bool IsPossible(Session? origin, string? originId) =>
        originId is not null && origin is not null && origin.Watermark.Handled < FirstStanzas && origin.Host.Server.Time.GetUtcNow() - origin.Opened < s_firstMinute;
}
