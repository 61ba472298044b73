namespace Sks.Node;

/// <summary>What a check of the store found.</summary>
/// <param name="Certificates">How many certificates were looked at.</param>
/// <param name="Differences">What differs, in words, at most 100 of them; without user IDs.</param>
/// <param name="DifferenceCount">How many differences there are in all.</param>
/// <param name="Repaired">Whether they were repaired.</param>
public sealed record CheckReport(long Certificates, IReadOnlyList<string> Differences, long DifferenceCount, bool Repaired);
