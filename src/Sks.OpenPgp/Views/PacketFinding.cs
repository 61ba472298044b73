namespace Sks.OpenPgp;

/// <summary>What became of one packet on the way to a clean view.</summary>
/// <param name="Packet">The packet.</param>
/// <param name="Component">The user ID, attribute or subkey it stands under, itself for those; null for the primary key and what is about it.</param>
/// <param name="Verdict">What verification found, for a signature.</param>
/// <param name="Fate">Whether it is in the view.</param>
public sealed record PacketFinding(Packet Packet, Packet? Component, PacketVerdict Verdict, PacketFate Fate);
