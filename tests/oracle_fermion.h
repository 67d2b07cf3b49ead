/** @file oracle_fermion.h
 *  @brief Exact <X>, <Y>, <Z> of the feature-map circuit (H on all; then Rz and nearest-neighbour XX rotations) at any size.
 *
 *  The circuit is a free-fermion (matchgate) one: Majorana operators a_2j = Z..Z X_j and a_2j+1 = Z..Z Y_j rotate linearly, and
 *  expectation values are Pfaffians of their covariance. A frozen ancilla site in front carries the odd parity of <X> and <Y>.
 *  Terhal and DiVincenzo, PRA 65, 032325 (2002); Jozsa and Miyake, Proc. R. Soc. A 464, 3089 (2008).
 */
#ifndef BF_ORACLE_FERMION_H
#define BF_ORACLE_FERMION_H

/** A state of n sites that started in |+..+> (opaque). */
typedef struct oracle_fermion oracle_fermion_t;

/** @return |+..+> on @p n sites. */
oracle_fermion_t *oracle_fermion_create(int n);

/** @brief Free. */
void oracle_fermion_destroy(oracle_fermion_t *f);

/** @brief exp(-i t/2 Z_site). */
void oracle_fermion_rz(oracle_fermion_t *f, int site, double t);

/** @brief exp(-i t/2 X_site X_site+1). */
void oracle_fermion_rxx(oracle_fermion_t *f, int site, double t);

/** @brief Expectation values of every site. @param[out] xyz 3n doubles x0 y0 z0 x1 ... */
void oracle_fermion_xyz(const oracle_fermion_t *f, double *xyz);

/** @return the Pfaffian of a real skew-symmetric m x m matrix (row-major, leading dimension ld), which is destroyed. 0 for odd m.
 */
double oracle_pfaffian(double *a, int m, int ld);

#endif
