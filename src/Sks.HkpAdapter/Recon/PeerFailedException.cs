namespace Sks.HkpAdapter.Recon;

/// <summary>An attempt to reconcile with a peer failed, and the next one may as well wait.</summary>
/// <param name="message">Why, in words for operators.</param>
/// <param name="innerException">What it came from.</param>
internal sealed class PeerFailedException(string message, Exception? innerException = null) : Exception(message, innerException);
