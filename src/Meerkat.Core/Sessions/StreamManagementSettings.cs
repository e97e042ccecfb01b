namespace Meerkat.Core.Sessions;

/// <summary>How stream management works on a session (XEP-0198): what <c>mod_stream_management</c> is configured to.</summary>
/// <param name="RequestEvery">Send <c>&lt;r/&gt;</c> after so many stanzas; 0 never (CORE-211).</param>
/// <param name="MaxWaiting">How many stanzas may wait for acknowledgement; null without limit (CORE-213).</param>
/// <param name="Grace">How long the queue may be over that limit.</param>
/// <param name="ResumeTimeout">How long a lost session waits for resumption (CORE-215).</param>
/// <param name="Keep">Whether stanzas are kept until they are acknowledged; false loses resending (CORE-213).</param>
public sealed record StreamManagementSettings(int RequestEvery, int? MaxWaiting, TimeSpan Grace, TimeSpan ResumeTimeout, bool Keep);
