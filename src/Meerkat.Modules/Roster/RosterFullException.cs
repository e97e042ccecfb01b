using System.Diagnostics.CodeAnalysis;

namespace Meerkat.Modules.Roster;

/// <summary>A roster has <see cref="RosterLimits.Items"/> items; nothing was added. Answered with <c>resource-constraint</c> where an answer is due.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Thrown in one place, with nothing to tell but itself.")]
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "Caught within the feature.")]
internal sealed class RosterFullException() : Exception("the roster is full");
